"""Pages of documentation whose commands are typed as they stand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from freehold.binaries import find_binaries

ROOT = Path(__file__).resolve().parents[2]
EMBEDDED = "freehold embedded start"
_VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


def environment(dsn: str) -> dict[str, str]:
    """libpq's variables for a connection string, and psql and this Python on the path."""
    given = conninfo_to_dict(dsn)
    path = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    if shutil.which("psql") is None:
        path.insert(0, str(find_binaries().directory))
    found = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    found |= {_VARIABLES[name]: str(value) for name, value in given.items() if name in _VARIABLES}
    return found | {"PATH": os.pathsep.join(path)}


def run(command: list[str], text: str, environment: dict[str, str], directory: Path = ROOT) -> tuple[str, str]:
    """Runs a command with a text for its input, which must succeed; returns what it printed, and on stderr."""
    done = subprocess.run(
        command, input=text, env=environment, cwd=directory, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, done.stderr
