"""Whether the way to the database is encrypted."""

from __future__ import annotations

import contextlib
import ipaddress
import os
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from freehold.errors import InvalidArgument

_PLAIN = "the connection to the database is not encrypted: sslmode=verify-full, or FREEHOLD_DATABASE_TLS=off"
_ENCRYPTED = ("require", "verify-ca", "verify-full")


def pinned(dsn: str, known: Mapping[str, str | None] | None = None) -> str:
    """The connection string, by which libpq crosses a network encrypted or not at all.

    A look at the connection afterwards comes too late: the password has been sent by then.

    Args:
        dsn: As it was given.
        known: What a connection made by it says of it, a service file's part as well.

    Raises:
        InvalidArgument: It asks for a connection that may not be encrypted.
    """
    given = {**conninfo_to_dict(dsn), **{name: value for name, value in (known or {}).items() if value}}
    named = [given.get("host") or os.environ.get("PGHOST"), given.get("hostaddr") or os.environ.get("PGHOSTADDR")]
    if all(is_local(each) for names in named if names for each in str(names).split(",")):
        return dsn
    mode = str(given.get("sslmode") or os.environ.get("PGSSLMODE") or "prefer")
    if mode in _ENCRYPTED:
        return dsn
    if mode != "prefer":
        raise InvalidArgument(f"sslmode={mode} does not encrypt: sslmode=verify-full, or FREEHOLD_DATABASE_TLS=off")
    return make_conninfo(dsn, sslmode="require")


def is_local(host: str) -> bool:
    """Whether a connection to it crosses no network: a socket's directory, loopback."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def demand(connection: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> None:
    """Refuses a connection over a network that is not encrypted.

    Raises:
        InvalidArgument: It is not.
    """
    info = connection.info
    # Where it did go counts, not how that is called.
    if not connection.pgconn.ssl_in_use and not (is_local(info.hostaddr) if info.hostaddr else is_local(info.host)):
        raise InvalidArgument(_PLAIN)


def connect(dsn: str, *, encrypted: bool) -> tuple[psycopg.Connection[Any], str]:
    """The first connection, and the connection string for all others.

    Args:
        dsn: As it was given.
        encrypted: Whether a network is only crossed encrypted.

    Raises:
        InvalidArgument: It would be crossed otherwise, or the text is no connection string.
        psycopg.Error: The database does not answer.
    """
    try:
        wanted = pinned(dsn) if encrypted else dsn
    except psycopg.ProgrammingError:
        # Its message quotes what may be the password.
        raise InvalidArgument("FREEHOLD_DSN is no connection string") from None
    try:
        connection = psycopg.connect(wanted, connect_timeout=10, application_name="freehold-http")
    except psycopg.OperationalError as error:
        if wanted != dsn and "SSL" in str(error):
            raise InvalidArgument(_PLAIN) from error
        raise
    try:
        if encrypted:
            demand(connection)
            wanted = pinned(wanted, connection.info.get_parameters())
    except BaseException:
        connection.close()
        raise
    return connection, wanted
