"""Writes docs/images: pages of the console over a fleet that looks like one. ``make pictures`` runs it."""

from __future__ import annotations

import contextlib
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from playwright.sync_api import Page, expect

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests")]

from freehold.control import Control  # noqa: E402
from freehold.demo.place import migrations  # noqa: E402
from freehold.migrate.files import Directory  # noqa: E402
from freehold.migrate.plan import entries, pending  # noqa: E402
from freehold.migrate.render import Renderer  # noqa: E402
from freehold.migrate.worker import Worker  # noqa: E402
from support.browser import chromium  # noqa: E402
from support.database import Database, Databases  # noqa: E402
from support.server import start_server  # noqa: E402
from support.service import key, running  # noqa: E402

IMAGES = ROOT / "docs" / "images"
NAMES = (
    "Acme Logistics", "Borealis Energy", "Cobalt Labs", "Delta Foods", "Evergreen Paper", "Fjord Shipping", "Globex Foods",
    "Harbour and Sons", "Initech Robotics", "Juniper Clinics", "Kestrel Air", "Lumen Optics", "Meridian Bank", "Northwind",
    "Orchard Schools", "Pioneer Tools", "Quartz Mining", "Rivet Works", "Sable Studio", "Tundra Outdoor",
)  # fmt: skip
BROKEN = "lumen-optics"
PAST = """
    insert into freehold.tenant_size (tenant_id, at, bytes, relations)
    select t.id, clock_timestamp() - make_interval(days => 30 - day),
           (2e6 * (1 + n * 7 % 5) * (1 + day / 30.0 + (n * day) % 7 / 40.0))::bigint, 60
    from (select t.id, row_number() over (order by t.slug) as n from freehold.tenant as t) as t
    cross join generate_series(0, 30) as day
"""


def fleet(database: Database) -> None:
    """The tenants: help desks, some with rows, one suspended, one that is not as its template says."""
    control, admin = database.control(), database.connect(database.admin_dsn)
    control.connection.execute("set freehold.actor = 'ada'")
    control.template_create("helpdesk")
    for path in migrations():
        control.template_apply("helpdesk", path.read_text(encoding="utf-8"))
    control.audit_enable("@helpdesk", "ticket")
    control.template_freeze("helpdesk")
    for number, name in enumerate(NAMES):
        slug = name.lower().replace(" ", "-")
        control.tenant_provision(
            slug, "helpdesk", display_name=name, external_id=f"76.{100 + number}.{231 + number}-{number % 10}"
        )
    control.tenant_suspend("kestrel-air", "invoice 2231 is 60 days overdue")
    rows = (ROOT / "examples" / "helpdesk" / "rows.sql").read_text(encoding="utf-8")
    with inside(admin, control, "acme-logistics"):
        admin.execute(rows.encode())
    for number, note in ((11, "solved"), (12, "closed"), (14, "solved")):
        with inside(admin, control, "acme-logistics"):
            admin.execute(
                "update ticket set status = %s, subject = subject || ' (again)' where id = %s", (note, number)
            )
    broken = control.tenant_get(BROKEN)
    with admin.transaction():
        admin.execute(f"set local role {broken['owner_role']}".encode())
        admin.execute(f"alter table {broken['schema_name']}.ticket add column escalated_at date".encode())
    admin.execute(PAST.encode())


@contextlib.contextmanager
def inside(admin: psycopg.Connection, control: Control, slug: str) -> Iterator[None]:
    """A transaction of somebody at a tenant."""
    tenant = control.tenant_get(slug)
    with admin.transaction():
        admin.execute(
            f"set local role {tenant['rw_role']}; set local search_path = {tenant['schema_name']}, pg_catalog, pg_temp;"
            f"set local helpdesk.seed = '{slug}'; set local helpdesk.tickets = '60'; set local freehold.actor = 'zoe@acme.example'".encode()
        )
        yield


def rollout(database: Database, path: Path) -> int:
    """A rollout in its third wave, with a failure and some at work."""
    (path / "0042.escalation.sql").write_text("alter table ticket add column escalated_at timestamptz;")
    control = database.control()
    control.connection.execute("set freehold.actor = 'ada'")
    planned = control.rollout_create(
        "helpdesk", entries(pending(control, "helpdesk", Directory(path))), canaries=["acme-logistics"], first_wave=12,
        growth=2, pause_after="wave", max_failure_percent=20,
    )  # fmt: skip
    number = int(planned["id"])
    control.rollout_start(number, planned["plan_digest"])
    dsn = database.login_dsn("roller")
    database.connect(database.admin_dsn).execute("grant freehold_worker to roller")
    for _ in range(2):
        Worker(lambda: psycopg.connect(dsn, autocommit=True), number, Renderer(Directory(path))).run()
        control.rollout_resume(number)
    Control(database.connect(dsn)).rollout_claim(number, "worker-1", 3)
    return number


def shots(page: Page, url: str, number: int) -> None:
    """The pictures."""
    page.goto(f"{url}/rollouts/{number}")
    expect(page.locator("[data-live=live]")).to_be_visible()
    page.screenshot(path=IMAGES / "console-rollout.png")
    page.goto(f"{url}/tenants")
    expect(page.locator('[data-part="drift-acme-logistics"]')).to_contain_text("none")
    page.screenshot(path=IMAGES / "console-tenants.png")
    page.goto(f"{url}/tenants/acme-logistics/audit?table=ticket")
    page.screenshot(path=IMAGES / "console-audit.png")


def main() -> None:
    """Makes the fleet, and takes the pictures."""
    random.seed(7)
    IMAGES.mkdir(exist_ok=True)
    with start_server("embedded") as server, tempfile.TemporaryDirectory() as path:
        databases = Databases(server)
        with databases.clone() as database, chromium() as browser:
            fleet(database)
            number = rollout(database, Path(path))
            with running(database) as service:
                page = browser.new_page(viewport={"width": 1200, "height": 760}, color_scheme="light")
                page.goto(f"{service.url}/console")
                page.get_by_label("Operator key").fill(key(database, "admin", name="ada"))
                page.keyboard.press("Enter")
                page.get_by_role("heading", name="Tenants").wait_for()
                shots(page, f"{service.url}/console", number)


if __name__ == "__main__":
    main()
