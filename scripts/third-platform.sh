#!/bin/sh
# Registers platform/example in a copy of the module, as any further platform is, and tests the copy: one line in the registry, with its
# import, is all that is written by hand, and the tests hold with three platforms.
set -eu
cd "$(dirname "$0")/.."

# What kills processes tells nothing about platforms.
skip='Kill'

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -xf - -C "$copy"
cd "$copy"
git init -q
git add -A
git -c user.name=copy -c user.email=copy@localhost commit -q -m copy

awk '
  /^import \(/                             { imports = 1 }
  /^\)/ && imports                         { imports = 0; print "\t\"structural.app/structural/platform/example\"" }
  /^\treturn \[\]platform\.Definition\{$/  { list = 1 }
  /^\t\}/ && list                          { list = 0; print "\t\texample.Definition()," }
                                           { print }
' platform/registry/registry.go > "$copy.go"
mv "$copy.go" platform/registry/registry.go
gofmt -w platform/registry/registry.go # sorts the imports
make --no-print-directory generate

git --no-pager diff --stat
others=$(git status --porcelain | cut -c4- | grep -v -x -e platform/registry/registry.go -e openapi.yaml -e docs/fields.md -e 'gen/.*' -e 'bench/gen/.*' || true)
[ "$others" = "" ] || { echo "a third platform changes more than it should: $others"; exit 1; }
[ "$(git diff --numstat platform | cut -f 1,2 | tr '\t' ' ')" = "2 0" ] || { echo "the registry needs more than a line and its import"; exit 1; }

"${GO:-go}" test -short -skip "$skip" "$@"
