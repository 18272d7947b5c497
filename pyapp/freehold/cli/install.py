"""``freehold install``, ``uninstall``, ``status`` and ``sql``."""

from __future__ import annotations

from collections import Counter
from typing import Any

import psycopg

from freehold import __version__, bundle
from freehold.cli import output
from freehold.cli.base import App, click, common, confirm, pass_app
from freehold.sqltext import Place

_ALL = 2**31 - 1


@click.command(
    epilog="""
\b
Examples:
  freehold install
  freehold install --role-prefix crm --schema-prefix crm_
  PGSERVICE=prod freehold install
The role needs CREATEROLE, and CREATE on the database.
"""
)
@click.option("--role-prefix", metavar="NAME", help="What the cluster-wide role names begin with (freehold).")
@click.option("--schema-prefix", metavar="NAME", help="What the tenants' schemas begin with (tenant_).")
@click.option("--naming", type=click.Choice(["slug", "opaque"]), help="What schemas are named after (slug).")
@common
@pass_app
def install(app: App, role_prefix: str | None, schema_prefix: str | None, naming: str | None) -> None:
    """Install freehold in the database, or upgrade it.

    Running it again replaces functions and grants and touches no data. Prefixes and naming
    are chosen at the first install and kept.
    """
    connection = app.connect()
    chosen = {"role_prefix": role_prefix, "schema_prefix": schema_prefix, "naming": naming}
    for name, value in chosen.items():
        if value is not None:
            connection.execute("select set_config(%s, %s, false)", (f"freehold.{name}", value))
    warnings: list[psycopg.errors.Diagnostic] = []
    connection.add_notice_handler(
        lambda diag: warnings.append(diag) if diag.severity_nonlocalized == "WARNING" else None
    )
    files = bundle.install_bundle()
    try:
        with output.busy("installing"):
            bundle.run(connection, files)
    except psycopg.Error as error:
        if error.diag.statement_position:
            path, line = files.locate(int(error.diag.statement_position) - 1)
            app.place = Place(str(path), line)
        raise
    for warning in warnings:
        click.echo(f"warning: {warning.message_primary}", err=True)
        for label, text in (("detail", warning.message_detail), ("hint", warning.message_hint)):
            if text:
                click.echo(f"  {label}: {text}", err=True)
    app.done(
        f"freehold {__version__} is installed in database {connection.info.dbname}",
        {
            "version": __version__,
            "database": connection.info.dbname,
            "warnings": [str(warning.message_primary) for warning in warnings],
        },
    )


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
@pass_app
def uninstall(app: App, yes: bool) -> None:
    """Remove freehold; refused while tenants exist."""
    connection = app.connect()
    name = connection.info.dbname
    confirm(name, yes, f"This removes freehold, its log and its templates from database {name}.")
    with output.busy("uninstalling"):
        bundle.run(connection, bundle.uninstall_bundle())
    app.done(f"freehold is removed from database {name}", {"database": name})


@click.command()
@common
@pass_app
def status(app: App) -> None:
    """Show the installation: where, version, templates, tenants."""
    control = app.control()
    with control.connection.transaction():
        info = control.connection.info
        states = Counter(row["state"] for row in control.tenant_list(max_rows=_ALL))
        app.show(
            {
                "database": info.dbname,
                "server": f"{info.host or info.hostaddr}:{info.port}",
                "postgresql": info.parameter_status("server_version"),
                "role": info.user,
                "installed": control.version(),
                "client": __version__,
                "templates": [t["name"] for t in control.template_list()],
                "tenants": dict(states),
            },
            _counted,
        )


def _counted(status: dict[str, Any]) -> dict[str, Any]:
    names, states = status["templates"], status["tenants"]
    templates = f"{len(names)}: {', '.join(names)}" if names else "0"
    tenants = ", ".join(f"{count} {state}" for state, count in states.items()) or "0"
    return status | {"templates": templates, "tenants": tenants}


@click.command(
    epilog="""
\b
Examples:
  freehold sql > migrations/0001_freehold.sql
  freehold sql | psql -X -1 -v ON_ERROR_STOP=1
"""
)
@click.option("--uninstall", is_flag=True, help="The removal instead.")
@common
@pass_app
def sql(app: App, uninstall: bool) -> None:
    """Print the SQL that install runs.

    For a migration tool of one's own. It is one transaction's worth, without begin and commit.
    """
    text = (bundle.uninstall_bundle() if uninstall else bundle.install_bundle()).text
    if app.as_json:
        output.print_json({"version": __version__, "sql": text})
    else:
        click.echo(text, nl=False)


COMMANDS = (install, uninstall, status, sql)
