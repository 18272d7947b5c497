#!/usr/bin/env bash
# Runs plpgsql_check over every function of a fresh install: Debian's build of the extension, beside the PostgreSQL 15 that
# `make matrix` uses. Nothing is installed in the system.
set -euo pipefail
python=$1
for tool in npm apt-get dpkg-deb; do
    command -v "$tool" >/dev/null || { echo "plpgsql_check needs $tool: it runs on Debian and its kin" >&2; exit 2; }
done
PYTEST=true tests/tools/matrix.sh 15 >/dev/null
work=$PWD/.cache/plpgsql_check
if [ ! -f "$work/ready" ]; then
    rm -rf "$work" && mkdir -p "$work/package"
    cp -a .cache/postgresql/15/node_modules/server/native "$work/native"
    (cd "$work/package" && { apt-get download -qq postgresql-15-plpgsql-check 2>/dev/null ||
        { apt-get update -qq && apt-get download -qq postgresql-15-plpgsql-check; }; } 2>/dev/null && dpkg-deb -x ./*.deb .)
    cp "$work/package/usr/lib/postgresql/15/lib/plpgsql_check.so" "$work/native/lib/postgresql/"
    cp "$work"/package/usr/share/postgresql/15/extension/plpgsql_check* "$work/native/share/postgresql/extension/"
    touch "$work/ready"
fi
FREEHOLD_TEST_PG=$work/native/bin "$python" tests/tools/plpgsql_check.py
