"""What the environment says: where the database is and where freehold keeps its files.

freehold's own settings are rows of ``freehold.setting``, the same for every client.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs
from psycopg.conninfo import conninfo_to_dict, make_conninfo

DSN_VARIABLE = "FREEHOLD_DSN"
HOME_VARIABLE = "FREEHOLD_HOME"

# libpq's variables that name a server, a service or a database; PGPASSWORD or PGSSLMODE alone name none.
LIBPQ_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGDATABASE", "PGUSER")


def home(environ: Mapping[str, str] = os.environ) -> Path:
    """The directory in which freehold keeps the embedded server.

    Args:
        environ: The environment to read ``FREEHOLD_HOME`` from.

    Returns:
        An absolute path that need not exist.
    """
    chosen = environ.get(HOME_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else Path(platformdirs.user_data_dir("freehold"))


def dsn_from_environment(environ: Mapping[str, str] = os.environ) -> str | None:
    """The connection string that the environment asks for.

    Args:
        environ: The environment to read.

    Returns:
        The value of ``FREEHOLD_DSN``; an empty string, for which libpq reads its own
        variables, where one of those names a server; None where nothing does.
    """
    if environ.get(DSN_VARIABLE):
        return environ[DSN_VARIABLE]
    return "" if any(environ.get(name) for name in LIBPQ_VARIABLES) else None


def split_password(dsn: str) -> tuple[str, str | None]:
    """Takes the password out of a connection string.

    Args:
        dsn: A libpq connection string or URI.

    Returns:
        The connection string without its password, and the password or None.

    Raises:
        psycopg.ProgrammingError: The string is not valid.
    """
    parts = conninfo_to_dict(dsn)
    password = parts.pop("password", None)
    return make_conninfo("", **parts), None if password is None else str(password)
