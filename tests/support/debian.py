"""Programs of Debian's packages: the one on PATH, or the package unpacked in the cache. Nothing is installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".cache"
# apt reads its lists anew at each call: a call for each level of what is needed, and one for all that is fetched.
FETCH = """
set -e
rm -rf "$1" && mkdir -p "$1" && cd "$1"
shift
depends() { apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$@"; }
missing() {
    depends "$@" | sed -n 's/^ *Depends: \\(lib[^ ]*\\|chromium-common\\)$/\\1/p' | sort -u | while read -r needed; do
        dpkg-query -W -f '${db:Status-Status}' "$needed" 2>/dev/null | grep -qx installed ||
            printf '%s\\n' $all | grep -qxF "$needed" || echo "$needed"
    done
}
get() {
    all="$*" level="$*"
    while [ -n "$level" ]; do
        level=$(missing $level)
        all="$all $level"
    done
    apt-get download -qq $all
}
apt-cache show "$@" >/dev/null 2>&1 || apt-get update -qq
get "$@" || { apt-get update -qq && get "$@"; }
for package in ./*.deb; do dpkg-deb -x "$package" . && rm "$package"; done
"""


def unpack(*packages: str) -> Path:
    """Where the files of packages are, and of the libraries that they need.

    Raises:
        RuntimeError: They cannot be had.
    """
    home = CACHE / "+".join(packages)
    if not home.exists():
        # Beside the place where another test process unpacks its own; the first one stays.
        mine = home.with_name(f"{home.name}.{os.getpid()}")
        done = subprocess.run(
            ["bash", "-c", FETCH, "fetch", mine, *packages], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"Debian's {' '.join(packages)} cannot be fetched: {done.stderr[-500:]}")
        with contextlib.suppress(OSError):
            mine.rename(home)
        shutil.rmtree(mine, ignore_errors=True)
    return home


def find_program(name: str) -> tuple[str, dict[str, str]]:
    """A program: the one on PATH, or of the package of the same name; and the environment it runs in.

    Raises:
        RuntimeError: There is none, and Debian's package cannot be had.
    """
    found = shutil.which(name)
    if found:
        return found, {}
    home = unpack(name)
    libraries = [str(each) for each in (home / "usr" / "lib").glob("*-linux-gnu")]
    program = next(each for each in (home / "usr" / "bin" / name, home / "usr" / "sbin" / name) if each.exists())
    return str(program), {"LD_LIBRARY_PATH": ":".join(libraries)}
