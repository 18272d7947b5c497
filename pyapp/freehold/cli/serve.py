"""``freehold serve`` and ``freehold service``: the functions over HTTP, and the login they are served by."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from freehold.cli.base import App, click, common, pass_app
from freehold.control import Control
from freehold.errors import InvalidArgument

_GROUPS = ("admin", "auditor", "worker", "break_glass", "analyst")


@click.command(
    epilog="""
\b
Examples:
  freehold service grant service && freehold api-key create ops --role admin
  FREEHOLD_DSN=postgresql://service@db/crm freehold serve --port 8080
  curl -H "Authorization: Bearer $KEY" localhost:8080/v1/tenant_list
  Every setting is a variable FREEHOLD_...: docs/how-to/service.md.
"""
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="The port.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--cert", type=click.Path(exists=True, dir_okay=False), help="A certificate, PEM: serve by TLS.")
@click.option("--key", type=click.Path(exists=True, dir_okay=False), help="Its private key, PEM.")
@common
@pass_app
def serve(app: App, host: str, port: int, workers: int, cert: str | None, key: str | None) -> None:
    """Serve every function over HTTP, and the console."""
    try:
        import uvicorn

        from freehold.http import create_app, logs, settings
        from freehold.http.connection import Protocol
    except ModuleNotFoundError as error:
        raise click.UsageError(f"{error.name} is missing: pip install 'freehold[http]'") from None
    if (cert is None) != (key is None):
        raise InvalidArgument("--cert and --key go together")
    _free(host, port)
    # For the processes that uvicorn starts; an argument list would show it.
    os.environ["FREEHOLD_DSN"] = app.resolve_dsn()
    read = settings.read()
    logs.configure(read.log_format)
    # What is wrong is told before anything listens.
    made = create_app(read)
    try:
        uvicorn.run(
            made if workers == 1 else "freehold.http.app:worker", factory=workers > 1, host=host, port=port,
            workers=workers, ssl_certfile=cert, ssl_keyfile=key, http=Protocol, access_log=False, log_config=None,
            server_header=False, proxy_headers=False, timeout_graceful_shutdown=30, timeout_keep_alive=15,
            h11_max_incomplete_event_size=65_536,
        )  # fmt: skip
    except SystemExit as ended:
        # What uvicorn could not start, it has logged; its own code, 3, would be "not found".
        if ended.code:
            raise click.exceptions.Exit(1) from None


def _free(host: str, port: int) -> None:
    """Refuses an address that cannot be listened on, before anything is started."""
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in known:
            with socket.socket(family, kind, protocol) as tried:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    tried.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                tried.bind(address)
                tried.listen()
    except OSError as error:
        said = f"cannot listen on {host}, port {port}: {error.strerror}; --port names another"
        raise click.ClickException(said) from None


@click.group(
    epilog="""
\b
Examples:
  createuser service
  freehold service grant service
  freehold service grant dashboards --roles auditor
  freehold service grant service --no-gates
"""
)
def service() -> None:
    """Prepare a login for freehold serve."""


@service.command()
@click.argument("login")
@click.option(
    "--roles", metavar="ROLE,...", default=",".join(_GROUPS), show_default=True,
    help="What its callers may be at most.",
)  # fmt: skip
@click.option(
    "--no-gates", is_flag=True,
    help="Not through the gates of the cells: a service whose FREEHOLD_TENANTS_DSN names another login.",
)  # fmt: skip
@common
@pass_app
def grant(app: App, login: str, roles: str, no_gates: bool) -> None:
    """Let LOGIN take on the installation's groups.

    To be run as the role that installed freehold. Each call is one of the groups, and may do what its caller's role
    may.
    """
    groups = [each.strip() for each in roles.split(",") if each.strip()]
    unknown = [each for each in groups if each not in _GROUPS]
    if unknown:
        raise InvalidArgument(f"roles are some of {', '.join(_GROUPS)}, not {', '.join(unknown)}")
    connection = app.connect()
    prefix = app.control().setting_get("role_prefix")
    with connection.transaction():
        granted = grant_groups(connection, prefix, groups, login)
        if not no_gates:
            Control(connection).gate_grant(login)
    if connection.info.server_version < 160_000 and not app.as_json:
        click.echo(
            f"before PostgreSQL 16 {login} has all of that without asking: nobody else may log in as it", err=True
        )
    app.done(f"{login} serves as {', '.join(granted)}", {"login": login, "roles": granted})


def grant_groups(connection: psycopg.Connection[Any], prefix: str, groups: Sequence[str], login: str) -> list[str]:
    """Lets a login take on groups; what it asks on its own account, it asks as the resolver.

    Args:
        connection: Of a role that may grant them.
        prefix: Of the installation's roles.
        groups: What callers may be.
        login: The service's login.

    Returns:
        The roles.
    """
    taken, own = [f"{prefix}_{each}" for each in (*groups, "member")], f"{prefix}_resolver"
    # Before 16 inheriting is the login's own attribute; and who installed goes on inheriting what lets him install.
    options = connection.info.server_version >= 160_000 and login != connection.info.user
    without, with_ = ("with inherit false, set true", "with inherit true, set true") if options else ("", "")
    for roles, how in ((taken, without), ([own], with_)):
        connection.execute(
            sql.SQL("grant {} to {} {}").format(
                sql.SQL(", ").join(map(sql.Identifier, roles)), sql.Identifier(login), sql.SQL(how)
            )
        )
    return [*taken, own]
