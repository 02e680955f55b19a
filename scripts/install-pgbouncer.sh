#!/bin/sh
# Makes sure that PgBouncer is installed: says nothing if it is, installs it with apt-get if it is not. It is not set up or
# started.
set -eu

if command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ]; then
	exit 0
fi
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
	echo "PgBouncer is needed: install it (Debian/Ubuntu: apt-get install pgbouncer)" >&2
	exit 1
fi
{ apt-get update -q && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends pgbouncer; } >/dev/null
