"""What the demo does, step by step. Every figure and every error that it prints is the server's own."""

from __future__ import annotations

import hashlib
import time

import psycopg
from psycopg import sql
from rich.console import Console

from freehold import __version__
from freehold.bundle import install_bundle
from freehold.bundle import run as run_bundle
from freehold.control import Control, Row
from freehold.demo.place import (
    APP,
    DATABASE,
    ROLE_PREFIX,
    SCHEMA_PREFIX,
    Connection,
    Place,
    inside,
    migrations,
    rows_script,
)
from freehold.demo.screen import Screen, Timing, plain

TEMPLATE = "helpdesk"
TENANTS = {
    "acme": ("Acme Logistics", "76.123.456-K"),
    "globex": ("Globex Foods", "77.200.300-1"),
    "initech": ("Initech Robotics", "78.044.902-5"),
}
COUNTED = ("customer", "contact", "ticket", "message", "ticket_event")


def run(dsn: str, console: Console | None = None) -> list[Timing]:
    """Runs the demo in a database of its own on a server; nothing else there is touched.

    Args:
        dsn: A connection as superuser, to any database of the server.
        console: Where to print; nowhere if None.

    Returns:
        What was called, how long it took and what came of it.

    Raises:
        psycopg.Error: The server refused something that it should not have refused.
    """
    start = time.perf_counter()
    screen = Screen(console or Console(quiet=True))
    place = Place(dsn)
    version = place.recreate()
    screen.opening(
        f"freehold {__version__} on PostgreSQL {version}",
        f"In the database {DATABASE}, made anew by each run; its roles begin with {ROLE_PREFIX}_ and "
        f"{SCHEMA_PREFIX}. Nothing else on this server is touched.",
    )
    with place.operator() as operator:
        _Story(screen, place, operator).tell()
    screen.closing(
        f"{len(screen.timings)} calls in {time.perf_counter() - start:.1f} s. "
        f"The database {DATABASE} stays for you to look around; the next run makes it anew.",
    )
    return screen.timings


class _Story:
    """The steps; each leaves the database as the next one expects it."""

    def __init__(self, screen: Screen, place: Place, operator: Connection) -> None:
        self.screen, self.place, self.operator = screen, place, operator
        self.control = Control(operator)
        self.tenants: dict[str, Row] = {}

    def tell(self) -> None:
        self.install()
        self.template()
        self.provision()
        self.admit()
        with self.place.app() as app:
            self.load(app)
            self.clone(app)
            self.isolation(app)
            self.drift()
            self.rollout()
            self.suspend(app)
            self.rename(app)
            self.erase(app)
        self.look_back()

    def install(self) -> None:
        self.screen.step(
            "Install", "As a role that owns the database and may create roles; no superuser, no extension."
        )
        bundle = install_bundle()
        with self.screen.call("sql/install.sql, in one transaction") as call:
            run_bundle(self.operator, bundle)
            call.outcome = f"{len(bundle.files)} files"
        self.operator.execute("set freehold.actor = 'demo'")

    def template(self) -> None:
        self.screen.step("Make a template", "A help desk: migrations are applied to a real schema, then frozen.")
        with self.screen.call(f"template_create('{TEMPLATE}')") as call:
            call.outcome = str(self.control.template_create(TEMPLATE)["schema_name"])
        with self.screen.call("template_apply(...) of each migration") as call:
            for path in migrations():
                self.control.template_apply(TEMPLATE, path.read_text(encoding="utf-8"))
            call.outcome = f"{len(migrations())} files"
        with self.screen.call(f"template_freeze('{TEMPLATE}')") as call:
            frozen = self.control.template_freeze(TEMPLATE)
            call.outcome = f"version {frozen['version']}, {frozen['statements']} statements"
        with self.screen.call(f"template_freeze('{TEMPLATE}') again, unchanged") as call:
            call.outcome = f"version {self.control.template_freeze(TEMPLATE)['version']}"

    def provision(self) -> None:
        self.screen.step(
            "Provision three tenants",
            "Each gets a schema of its own, with an owner and a runtime role: demo_acme, ..._owner, ..._rw.",
        )
        for slug, (name, external_id) in TENANTS.items():
            with self.screen.call(f"tenant_provision('{slug}', '{TEMPLATE}')") as call:
                tenant = self.control.tenant_provision(slug, TEMPLATE, display_name=name, external_id=external_id)
                self.tenants[slug] = tenant
                call.outcome = str(tenant["schema_name"])

    def admit(self) -> None:
        with self.screen.call(f"gate_grant('{APP}')") as call:
            self.control.gate_grant(APP)
            call.outcome = "reaches all three"

    def load(self, app: Connection) -> None:
        self.screen.step(
            "Load rows",
            "As an application does: one login, in each transaction the tenant's own runtime role.",
        )
        for tickets, (slug, tenant) in zip((60, 45, 30), self.tenants.items(), strict=True):
            with (
                self.screen.call(f"rows.sql as {tenant['rw_role']}") as call,
                inside(app, tenant),
            ):
                app.execute(
                    sql.SQL("set local helpdesk.seed = {}; set local helpdesk.tickets = {}").format(
                        sql.Literal(slug), sql.Literal(str(tickets))
                    )
                )
                app.execute(rows_script().encode())
                counts = _counts(app)
                call.outcome = f"{counts['ticket']} tickets, {counts['message']} messages"

    def clone(self, app: Connection) -> None:
        self.screen.step("Clone one with its data", "Schema, rows and sequence positions; no trigger fires.")
        with self.screen.call("tenant_clone('acme', 'acme-staging')") as call:
            staging = self.control.tenant_clone("acme", "acme-staging", display_name="Acme, staging")
            call.outcome = str(staging["schema_name"])
        self.tenants["acme-staging"] = staging
        names = [self.tenants[slug]["schema_name"] for slug in ("acme", "acme-staging")]
        counts = []
        for slug in ("acme", "acme-staging"):
            with inside(app, self.tenants[slug]):
                counts.append(_counts(app))
        with self.screen.call("schema_diff() of the two") as call:
            call.outcome = f"{len(self.control.schema_diff(*names))} differences"
        self.screen.table(
            ("rows", *COUNTED), [(name, *count.values()) for name, count in zip(names, counts, strict=True)]
        )

    def isolation(self, app: Connection) -> None:
        acme, globex = self.tenants["acme"], self.tenants["globex"]
        self.screen.step("Acme tries to read Globex", f"Inside {acme['rw_role']}; what follows is PostgreSQL's answer.")
        schema, other = acme["schema_name"], globex["schema_name"]
        with inside(app, acme):
            count = _counts(app)["ticket"]
        self.screen.note(f"Its own tickets it may count: {count}.")
        attempts = (
            sql.SQL("select count(*) from {}").format(sql.Identifier(other, "ticket")),
            sql.SQL("update {} set subject = 'ours now'").format(sql.Identifier(other, "ticket")),
            sql.SQL("create table {} (id integer)").format(sql.Identifier(schema, "notes")),
            sql.SQL("truncate {}").format(sql.Identifier(schema, "ticket")),
        )
        for statement in attempts:
            self._refused(app, acme, statement)
        self.screen.note("Without a tenant there is nothing to read either:")
        self._refused(app, None, sql.SQL("select count(*) from ticket"))
        self.screen.note(
            "This holds against mistakes. Against injected SQL only a login for each tenant does: "
            "docs/explanation/isolation.md."
        )

    def drift(self) -> None:
        globex = self.tenants["globex"]
        owner, schema = sql.Identifier(globex["owner_role"]), sql.Identifier(globex["schema_name"])
        self.screen.step("Find drift", "A superuser changes Globex by hand, without a migration.")
        with self.place.superuser() as superuser:
            for statement in (
                sql.SQL("alter table {}.customer add column vip boolean").format(schema),
                sql.SQL("drop index {}.ticket_waiting").format(schema),
            ):
                superuser.execute(statement)
                self.screen.note(plain(statement.as_string(superuser)))
            with self.screen.call("tenant_drift('globex')") as call:
                found = self.control.tenant_drift("globex")
                call.outcome = f"{len(found)} differences"
            self.screen.table(("change", "kind", "identity"), [(r["change"], r["kind"], r["identity"]) for r in found])
            missing = next(row["expected"] for row in found if row["change"] == "missing")
            self.screen.note(f"Each row says what is expected; put back: {missing}")
            with superuser.transaction():
                superuser.execute(sql.SQL("set local role {}; set local search_path = {}").format(owner, schema))
                superuser.execute(missing.encode())
                superuser.execute("alter table customer drop column vip")
        with self.screen.call("tenant_drift('globex')") as call:
            call.outcome = f"{len(self.control.tenant_drift('globex'))} differences"

    def rollout(self) -> None:
        text = "alter table ticket add column severity text; create index on ticket (severity)"
        self.screen.step(
            "Roll a migration out",
            "The template first, then a canary, then the others, each by itself. Initech has been changed by hand.",
        )
        schema = sql.Identifier(self.tenants["initech"]["schema_name"])
        with self.place.superuser() as superuser:
            superuser.execute(sql.SQL("alter table {}.ticket add column severity integer").format(schema))
        self.screen.note(text)
        with self.screen.call("rollout_create(canaries => array['acme'], ...)") as call:
            digest = hashlib.sha256(text.encode()).hexdigest()
            entry = {"id": "0009.severity", "digest": digest}
            plan = self.control.rollout_create(TEMPLATE, [entry], canaries=["acme"], max_failure_percent=50)
            waves = self.control.rollout_status(plan["id"])
            call.outcome = ", ".join(f"{wave['name']}: {wave['tenants']}" for wave in waves)
        with self.screen.call("rollout_start(), rollout_claim(), rollout_apply(), ...") as call:
            self.control.rollout_start(plan["id"], plan["plan_digest"])
            call.outcome = f"{self._work(plan['id'], text)} done"
        self._versions()
        failed = self.control.rollout_tenants(plan["id"], "failed")[0]
        self.screen.note(f"{failed['slug']} is in quarantine: {failed['error_message']}")
        with self.place.superuser() as superuser:
            superuser.execute(sql.SQL("alter table {}.ticket drop column severity").format(schema))
        with self.screen.call("rollout_retry(), when that is mended") as call:
            self.control.rollout_retry(plan["id"])
            call.outcome = f"{self._work(plan['id'], text)} done"
        self._versions()

    def _work(self, rollout: int, text: str) -> int:
        """What a worker does, in calls of functions; returns how many tenants had it done."""
        done = 0
        while self.control.rollout_get(rollout)["state"] == "running":
            for claim in self.control.rollout_claim(rollout, "demo"):
                try:
                    for migration in claim["migrations"]:
                        self.control.rollout_apply(claim["lease_id"], migration, text)
                except psycopg.Error as error:
                    message = error.diag.message_primary or ""
                    self.control.rollout_fail(claim["lease_id"], error.sqlstate or "", message, migration)
                else:
                    done += 1
        return done

    def _versions(self) -> None:
        rows = self.control.migration_status(TEMPLATE)
        self.screen.table(
            ("tenant", "newest migration", "template version"),
            [(r["slug"], r["head"] or "-", r["template_version"]) for r in rows],
        )

    def suspend(self, app: Connection) -> None:
        self.screen.step("Suspend and resume", "Enforced by the database: the role leaves the gate.")
        with self.screen.call("tenant_suspend('globex', 'invoice unpaid')") as call:
            call.outcome = str(self.control.tenant_suspend("globex", "invoice unpaid")["state"])
        globex = self.tenants["globex"]
        self._refused(app, globex, None)
        with self.screen.call("tenant_resume('globex')") as call:
            call.outcome = str(self.control.tenant_resume("globex")["state"])

    def rename(self, app: Connection) -> None:
        self.screen.step("Rename", "Schema and roles go along, and so do functions that pin their search_path.")
        with self.screen.call("tenant_rename('initech', 'initrode')") as call:
            tenant = self.control.tenant_rename("initech", "initrode")
            call.outcome = str(tenant["schema_name"])
        del self.tenants["initech"]
        self.tenants["initrode"] = tenant
        with inside(app, tenant):
            row = app.execute(
                """
                insert into ticket (subject, queue_id, contact_id)
                select 'Our name has changed', min(q.id), (select min(k.id::text)::uuid from contact as k)
                from queue as q
                returning number
                """
            ).fetchone()
        self.screen.note(f"insert into ticket ...  ->  number {row[0] if row else None}, given by a trigger")
        with self.screen.call("tenant_drift('initrode')") as call:
            call.outcome = f"{len(self.control.tenant_drift('initrode'))} differences"

    def erase(self, app: Connection) -> None:
        self.screen.step(
            "Retire and erase", "With no grace period, for once: schema, roles, and all that names the tenant."
        )
        with self.screen.call("tenant_retire('globex', grace => '0 days')") as call:
            call.outcome = str(self.control.tenant_retire("globex", grace="0 days", reason="contract ended")["state"])
        with self.screen.call("call tenant_erase('globex', 'contract ended')") as call:
            self.control.tenant_erase("globex", "contract ended")
            operation = self.control.operation_list(slug="globex", max_rows=1)[0]
            call.outcome = f"{sum(operation['detail']['inventory'].values())} objects"
        self.screen.note(f"Left over, as the operation's row says: {operation['detail']['residue'] or 'nothing'}.")
        gone = self.tenants.pop("globex")
        self._refused(app, gone, None)

    def look_back(self) -> None:
        self.screen.step("Look back", "Every operation is a row, with actor, time and outcome.")
        rows = self.control.operation_list(max_rows=9)
        self.screen.table(
            ("id", "kind", "slug", "actor", "state", "took"),
            [
                (
                    r["id"],
                    r["kind"],
                    r["slug"],
                    r["actor"],
                    r["state"],
                    f"{r['duration'].total_seconds() * 1000:,.0f} ms",
                )
                for r in rows
            ],
        )
        self.screen.table(
            ("tenant", "state", "schema", "runtime role", "template"),
            [
                (
                    t["slug"],
                    t["state"],
                    t["schema_name"],
                    t["rw_role"],
                    f"{t['template']} {t['template_version']}",
                )
                for t in self.control.tenant_list()
            ],
        )

    def _refused(self, app: Connection, tenant: Row | None, statement: sql.SQL | sql.Composed | None) -> None:
        """Runs what must be refused, and shows how; a success would be a failure of the demo."""
        shown = statement
        if shown is None:
            assert tenant is not None
            shown = sql.SQL("set local role {}").format(sql.Identifier(tenant["rw_role"]))
        try:
            if tenant is None:
                app.execute(shown)
            else:
                with inside(app, tenant):
                    app.execute(shown)
        except psycopg.Error as error:
            self.screen.refused(shown.as_string(app), error)
        else:
            raise AssertionError(f"not refused: {shown.as_string(app)}")


def _counts(connection: Connection) -> dict[str, int]:
    query = sql.SQL(" union all ").join(
        sql.SQL("select {}, count(*) from {}").format(sql.Literal(name), sql.Identifier(name)) for name in COUNTED
    )
    return dict(connection.execute(query).fetchall())
