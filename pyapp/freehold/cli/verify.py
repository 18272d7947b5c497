"""``freehold verify``: proof that tenants are kept apart."""

from __future__ import annotations

import signal
from collections import Counter
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from freehold import bundle
from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app, without
from freehold.control import Control as Api
from freehold.control import Row
from freehold.isolation.attack import MODELS, Finding, Model, Verdict

if TYPE_CHECKING:
    from freehold.isolation.runner import Control

_FOUND = 7
_LEVELS: dict[str, tuple[Model, ...]] = {
    "role": ("expression", "statement"),
    "login": ("login",),
    "both": ("expression", "statement", "login"),
}
_WRONG = ("breach", "unproven")
_STYLES: dict[Verdict, str] = {"prevented": "green", "visible": "cyan", "possible": "yellow", "untried": "dim"}


@click.group(
    epilog="""
\b
Examples:
  freehold verify isolation
  freehold verify isolation --active --template default
  psql -XAt -f "$(freehold verify files)/catalog.sql"
"""
)
@common
def verify() -> None:
    """Prove that tenants are kept apart, on your own database."""


@verify.command(
    epilog="""
\b
Examples:
  freehold verify isolation              asks the catalogs; reads only
  freehold verify isolation --active     attacks two probe tenants, too
  freehold verify isolation --active --template default --level login
  freehold verify isolation --clean      after a run that was killed
It exits with 7 when anything is found that should not be.
"""
)
@click.option("--active", is_flag=True, help="Make two probe tenants, attack one as the other, erase both.")
@click.option("--template", metavar="NAME", help="Give the probes the objects of this template.")
@click.option("--level", type=click.Choice(list(_LEVELS)), default="both", help="Isolation level to attack (both).")
@click.option(
    "--gate", metavar="DSN", help="An application's login, to attack level role; without it one is made for the run."
)
@click.option("--all", "show_all", is_flag=True, help="List every attack, not only what was possible.")
@click.option("--clean", is_flag=True, help="Erase the probes that a killed run left, and do no more.")
@common
@pass_app
def isolation(
    app: App, active: bool, template: str | None, level: str, gate: str | None, show_all: bool, clean: bool
) -> None:
    """Ask what tenants can reach outside their own schema, or try it.

    Without options the catalogs are asked: every kind of object, every right, every tenant; nothing is written.
    With --active one probe tenant attacks another through real connections, at both isolation levels. What it
    gets is judged by canaries in the other's rows and definitions, not by error messages.
    """
    # Here, as no other command needs the attacks.
    from freehold.isolation.runner import Control, run
    from freehold.isolation.scene import Scene, abandoned, left_over

    if not active and (template or gate or level != "both" or show_all):
        raise click.UsageError("--template, --level, --gate and --all go with --active.")
    if clean:
        if active:
            raise click.UsageError("--clean stands alone.")
        _clean(app)
        return
    if gate and level == "login":
        raise click.UsageError("--gate is for level role.")
    # A cancelled job of a CI is told so; what was made is to be removed all the same.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    report: dict[str, Any] = {}
    findings: list[Finding] = []
    controls: list[Control] = []
    if active:
        scene = Scene(app.resolve_dsn(), gate, _LEVELS[level])
        with output.progress("attacks") as progress, scene.open(template):
            # While the probes are there: what they are made of is asked about as well.
            catalog, coverage = _ask(scene.control)
            results = list(run(scene, progress))
            report["server"] = scene.operator.info.parameter_status("server_version")
        findings = [result for result in results if isinstance(result, Finding)]
        controls = [result for result in results if isinstance(result, Control)]
        report["attacks"] = [finding.to_json() for finding in findings]
        report["controls"] = [control.to_json() for control in controls]
    else:
        control = app.control()
        with output.busy("asking the catalogs"):
            catalog, coverage = _ask(control)
            left = abandoned(control, left_over(control))
        if left:
            click.echo(
                f"{len(left)} probes of a run that was killed are there: freehold verify isolation --clean", err=True
            )
    report |= {"catalog": catalog, "coverage": coverage}
    wrong = [row for row in catalog if row["verdict"] in _WRONG]
    surprises = [finding for finding in findings if finding.surprise or finding.verdict == "untried"]
    failed = [control for control in controls if not control.passed]
    report["passed"] = not (wrong or surprises or failed)
    if app.as_json:
        output.print_json(report)
    else:
        _print_catalog(catalog, coverage)
        if active:
            click.echo(f"PostgreSQL {report['server']}")
            _print_attacks(findings, controls, show_all)
        good = Text("passed", style="green") if report["passed"] else Text("failed", style="bold red")
        output.console().print(good)
    if not report["passed"]:
        raise click.exceptions.Exit(_FOUND)


@verify.command()
@without("--dsn", "--json", why="It prints a directory.")
def files() -> None:
    """Print where the pgTAP files of the isolation suite are.

    They need no Python: psql -f runs each, with pgTAP in schema tap; freehold pgtap runs them all.
    """
    click.echo(bundle.isolation_suite())


def _clean(app: App) -> None:
    from freehold.isolation.scene import abandoned, left_over, remove

    control = app.control()
    there = left_over(control)
    slugs = abandoned(control, there)
    remove(control, slugs)
    said = [f"{len(slugs)} erased"] * bool(slugs) + [f"{len(there) - len(slugs)} left to a run that goes on"] * (
        slugs != there
    )
    app.done(", ".join(said) or "there is nothing to erase", {"erased": slugs})


def _ask(control: Api) -> tuple[list[Row], list[Row]]:
    return control.isolation_check(), control.isolation_coverage()


def _print_catalog(rows: list[Row], coverage: list[Row]) -> None:
    mended: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row["verdict"] in _WRONG:
            mended.setdefault((row["verdict"], row["remedy"] or ""), []).append(row)
    if mended:
        table = _table("verdict", "finding")
        for (verdict, remedy), found in mended.items():
            first = found[0]
            what = " ".join(str(first[name]) for name in ("privilege", "object_kind", "object") if first[name])
            more = f", and {len(found) - 1} more of the same cause" if len(found) > 1 else ""
            whose = " by ".join(str(first[name]) for name in ("role_name", "reached_by") if first[name])
            finding = Text.assemble((what, "bold"), f"{more}\n{whose}\n", (remedy, "green"))
            table.add_row(Text(verdict, style="bold red"), finding)
        output.console().print(table)
    own = next(row for row in coverage if row["object_kind"] == "own schema")
    asked = sum(row["questions"] for row in coverage) - own["questions"]
    output.console().print(
        f"catalogs: {asked:,} questions about {max(row['roles'] for row in coverage):,} roles and "
        f"{sum(row['objects'] for row in coverage) - own['objects']:,} objects; "
        f"{own['held']:,} of {own['questions']:,} rights in tenants' own schemas are there",
        highlight=False,
    )
    counts = Counter(row["verdict"] for row in rows)
    said = [f"{counts[name]} {name}" for name in (*_WRONG, "visible", "note") if counts[name]]
    click.echo("catalogs: " + ", ".join(["no right leads out of a tenant"] * (not counts["breach"]) + said))


def _print_attacks(findings: list[Finding], controls: list[Control], show_all: bool) -> None:
    models = [model for model in MODELS if any(finding.model == model for finding in findings)]
    table = _table("attack", *models)
    for name in dict.fromkeys((finding.group, finding.attack.name) for finding in findings):
        row = {finding.model: finding for finding in findings if (finding.group, finding.attack.name) == name}
        if show_all or any(f.surprise or f.verdict in ("possible", "untried") for f in row.values()):
            table.add_row(name[1], *(_cell(row.get(model)) for model in models))
    if table.row_count:
        output.console().print(table)
    for model in models:
        counts = Counter(finding.verdict for finding in findings if finding.model == model)
        said = ", ".join(f"{counts[v]} {v}" for v in _STYLES if counts[v])
        output.console().print(Text(f"{model} ({MODELS[model]}): {said}"))
    ways: dict[str, list[str]] = {}
    for finding in findings:
        if finding.verdict == "possible" and not finding.surprise:
            names = ways.setdefault(finding.attack.close, [])
            names += [finding.attack.name] * (finding.attack.name not in names)
    if ways:
        click.echo("\nPossible, as is known; what closes it:")
        table = _table("attacks", "close")
        for close, names in ways.items():
            table.add_row(", ".join(names), close)
        output.console().print(table)
    for finding in findings:
        if finding.surprise or finding.verdict == "untried":
            said = f"{finding.verdict}, {finding.model}: {finding.attack.name}: {finding.evidence}"
            output.console().print(Text(said, style="bold red"))
    for control in controls:
        if not control.passed:
            said = f"control failed, {control.model}: {control.name}: without it the verdicts prove nothing"
            output.console().print(Text(said, style="bold red"))


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name in MODELS)
    return table


def _cell(finding: Finding | None) -> Text:
    if finding is None:
        return Text("-", style="dim")
    own = " (own)" if finding.attack.own and finding.verdict == "possible" else ""
    return Text(
        finding.verdict + own + " !" * finding.surprise,
        style="bold red" if finding.surprise else _STYLES[finding.verdict],
    )
