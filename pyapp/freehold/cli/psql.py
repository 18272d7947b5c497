"""``freehold psql``: psql as a tenant."""

from __future__ import annotations

import os
import shlex

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from freehold.binaries import find_client
from freehold.cli.base import App, click, pass_app, without
from freehold.cli.problem import Refusal
from freehold.control import Control
from freehold.errors import NotAllowed, TenantSuspended, WrongState

_WAYS = {"retired": "reinstate {}", "erasing": "erase {} --reason ...", "suspended": "resume {}"}


def run_psql(dsn: str, arguments: tuple[str, ...], options: dict[str, str]) -> None:
    """Becomes psql. Passwords go by the environment, where other accounts cannot read them.

    Args:
        dsn: Where to connect.
        arguments: More arguments for psql.
        options: Settings of the session.
    """
    parameters = conninfo_to_dict(dsn)
    environment = dict(os.environ)
    if password := parameters.pop("password", None):
        environment["PGPASSWORD"] = str(password)
    given = parameters.pop("options", None) or environment.get("PGOPTIONS", "")
    set_options = [f"-c {name}={_escape(value)}" for name, value in options.items()]
    environment["PGOPTIONS"] = " ".join([str(given), *set_options]).strip()
    program = find_client("psql")
    os.execve(program, [str(program), make_conninfo("", **parameters), *arguments], environment)  # noqa: S606


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")


def session_options(control: Control, slug: str) -> dict[str, str]:
    """The settings of a session that works as a tenant's runtime role, in its schema only.

    Raises:
        Refusal: The login may not become that role, or nobody may at present.
    """
    row, connection = control.tenant_get(slug), control.connection
    # Before 16 every member of a role may become it.
    privilege = "set" if connection.info.server_version >= 160000 else "member"
    found = connection.execute(
        "select quote_ident(%s), pg_has_role(%s, %s)", (row["schema_name"], row["rw_role"], privilege)
    ).fetchone()
    assert found is not None
    if not found[1]:
        if (state := row["state"]) in _WAYS:
            raise Refusal(
                f"tenant {slug} is {state}",
                TenantSuspended if state == "suspended" else WrongState,
                detail=row["state_reason"],
                hint=f"freehold tenant {_WAYS[state].format(slug)}",
            )
        login = connection.info.user
        raise Refusal(
            f"{login} may not act as tenant {slug}",
            NotAllowed,
            hint=f"freehold gate grant {shlex.quote(login)} --cell {row['cell']}",
        )
    return {"role": row["rw_role"], "search_path": f"{found[0]}, pg_temp"}


@click.command(
    context_settings={"ignore_unknown_options": True},
    epilog="""
\b
Examples:
  freehold psql acme
  freehold psql acme -c 'select count(*) from ticket'
  freehold psql acme -- -At -f report.sql
""",
)
@click.argument("slug")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PSQL ARGUMENTS]...")
@without("--json", why="psql prints as its own options say: freehold psql SLUG -- --csv ...")
@pass_app
def psql(app: App, slug: str, arguments: tuple[str, ...]) -> None:
    """Open psql as a tenant: its runtime role, its schema."""
    control = app.control()
    options = session_options(control, slug)
    context = control.tenant_context(slug)
    if "access" in context["audit"]:
        # Of the whole session: psql ends elsewhere.
        control.access_record(context["tenant_id"], None, "write", "cli")
    control.connection.close()
    run_psql(app.resolve_dsn(), arguments, options)
