#!/bin/sh
# Makes sure that PostgreSQL's server binaries are installed: says nothing if they are, installs them with the system's
# package manager if they are not. Only the binaries are wanted: no server is set up or started.
set -eu

oldest=14
instructions="PostgreSQL $oldest or newer is needed: install it (Debian/Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; macOS: brew install postgresql@17) or set DATABASE_URL"

# others_can_change DIR: root must not run what is in DIR, since another user owns it or can write to it.
others_can_change() {
	[ -n "$(find -L "$1" "$1/postgres" "$1/initdb" -prune \( ! -user 0 -o -perm -002 -o -perm -020 ! -group 0 \))" ]
}

# usable DIR: DIR has the server binaries of a version that is new enough.
usable() {
	[ -x "$1/postgres" ] && [ -x "$1/initdb" ] || return 1
	if [ "$(id -u)" -eq 0 ] && others_can_change "$1"; then return 1; fi
	major=$("$1/postgres" --version 2>/dev/null | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p')
	[ -n "$major" ] && [ "$major" -ge "$oldest" ]
}

# The program looks in the same places: store/embedded/binaries.go.
installed() {
	for dir in \
		/usr/lib/postgresql/*/bin \
		/usr/pgsql-*/bin \
		/opt/homebrew/opt/postgresql*/bin \
		/usr/local/opt/postgresql*/bin \
		/home/linuxbrew/.linuxbrew/opt/postgresql*/bin \
		/Applications/Postgres.app/Contents/Versions/[0-9]*/bin; do
		if usable "$dir"; then return 0; fi
	done
	in_path=$(command -v postgres) || return 1
	# A link in PATH may stand alone; the binaries are together where it leads.
	while [ -L "$in_path" ]; do
		target=$(readlink "$in_path")
		case $target in
		/*) in_path=$target ;;
		*) in_path=$(dirname "$in_path")/$target ;;
		esac
	done
	usable "$(dirname "$in_path")"
}

# as_root COMMAND...: fails where that would need a password.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo -n "$@"
	fi
}

can_be_root() {
	[ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null
}

# Debian's packages create and start a cluster of their own, unless a file like this one says no.
with_apt() {
	config=/etc/postgresql-common/createcluster.d
	as_root mkdir -p "$config"
	echo 'create_main_cluster = false' | as_root tee "$config/structural.conf" >/dev/null
	status=0
	{
		as_root apt-get update -q &&
			as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends postgresql
	} || status=$?
	as_root rm -f "$config/structural.conf"
	return $status
}

give_up() {
	echo "$instructions" >&2
	exit 1
}

if installed; then
	exit 0
fi

if command -v apt-get >/dev/null && can_be_root; then
	echo "Installing PostgreSQL with apt-get ..."
	with_apt || give_up
elif command -v dnf >/dev/null && can_be_root; then
	echo "Installing PostgreSQL with dnf ..."
	as_root dnf install -y postgresql-server || give_up
elif command -v brew >/dev/null; then
	echo "Installing PostgreSQL with brew ..."
	brew install postgresql@17 || give_up
else
	give_up
fi

installed || give_up
