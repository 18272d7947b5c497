"""What an erasure needs from outside the database: tasks, who does them, and that no certificate comes before."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from freehold import errors
from freehold.cli import main
from freehold.control import Control
from freehold.erasure import Tenant, installed, load, work
from freehold.erasure.ledger import Entry, replay
from support import residue
from support.database import Database
from support.killer import Killer
from support.lifecycle import ORPHANS
from support.locks import crowd

SLUG = "quagga"


class Boxes:
    """What tenants have elsewhere, by their id."""

    name = "boxes"

    def __init__(self, **held: int) -> None:
        self.held = dict(held)
        self.calls: list[Tenant] = []
        self.fail: Callable[[Tenant], None] = lambda tenant: None

    def erase(self, tenant: Tenant) -> dict[str, int]:
        self.calls.append(tenant)
        self.fail(tenant)
        return {"boxes": self.held.pop(tenant.slug, 0)}


BOXES = Boxes()


@pytest.fixture
def ready(control: Control) -> Control:
    control.template_create("default")
    control.template_apply("default", "create table item (id int primary key)")
    control.template_freeze("default")
    control.eraser_register("boxes", "boxes in the cellar")
    return control


def erase(control: Control, slug: str = SLUG) -> dict[str, Any]:
    control.tenant_provision(slug)
    control.tenant_retire(slug, grace="0 days")
    control.tenant_erase(slug, "x")
    (row,) = (row for row in control.erasure_list(slug) if row["tenant"] == slug)
    return row


def test_the_certificate_waits_for_every_task(ready: Control) -> None:
    ready.eraser_register("paper", "the binder")
    ready.eraser_register("law", "invoices")
    row = erase(ready)
    ready.eraser_register("late", "came later")
    ready.eraser_remove("law")
    assert [task["task"] for task in ready.erasure_task_list()] == ["boxes", "law", "paper"]
    boxes = Boxes(quagga=3)
    assert [(o.state, o.detail) for o in work(ready, [boxes])] == [("done", {"boxes": 3})]
    assert (boxes.calls[0].id, boxes.calls[0].schema) == (row["tenant_id"], "tenant_quagga")
    with pytest.raises(errors.ErasureOpen) as caught:
        ready.erasure_certificate(row["tenant_id"])
    assert str(caught.value.diag.message_detail) == 'Task "law" is pending.\nTask "paper" is pending.'
    ready.erasure_task_done(row["operation_id"], "paper", {"pages": 12})
    with pytest.raises(errors.InvalidArgument):
        ready.erasure_task_exclude(row["operation_id"], "law", " ")
    ready.erasure_task_exclude(row["operation_id"], "law", "tax law, ten years", "2036-12-31")
    with pytest.raises(errors.WrongState):
        ready.erasure_task_done(row["operation_id"], "law")
    with pytest.raises(errors.WrongState):
        ready.erasure_task_exclude(row["operation_id"], "paper", "x")
    tasks = {each["eraser"]: each for each in ready.erasure_certificate(row["tenant_id"])["tasks"]}
    assert (tasks["boxes"]["detail"], tasks["paper"]["detail"]) == ({"boxes": 3}, {"pages": 12})
    assert (tasks["law"]["state"], tasks["law"]["reason"], tasks["law"]["until"][:10]) == (
        "excluded",
        "tax law, ten years",
        "2036-12-31",
    )
    exclusions = ready.erasure_certificate(row["tenant_id"])["exclusions"]
    assert [each["basis"] for each in exclusions if each["place"] == "eraser law"] == ["tax law, ten years"]


def test_a_failure_stays_open_and_stops_nobody(ready: Control) -> None:
    rows = [erase(ready, slug) for slug in ("one", "two", "three")]
    boxes = Boxes(one=1, two=2, three=3)

    def fail(tenant: Tenant) -> None:
        if tenant.slug == "two":
            raise OSError("the cellar is flooded")

    boxes.fail = fail
    outcomes = {outcome.slug: outcome.state for outcome in work(ready, [boxes])}
    assert outcomes == {"one": "done", "two": "failed", "three": "done"}
    (task,) = ready.erasure_task_list(open=True)
    assert (task["state"], task["error_message"], task["attempts"]) == ("failed", "OSError: the cellar is flooded", 1)
    boxes.fail = lambda tenant: None
    assert [(o.slug, o.state) for o in work(ready, [boxes])] == [("two", "done")]
    assert list(work(ready, [boxes])) == []
    assert ready.erasure_certificate(rows[1]["tenant_id"])["tasks"][0]["attempts"] == 2


def test_one_task_has_one_worker(ready: Control, database: Database, admin: psycopg.Connection[Any]) -> None:
    row = erase(ready)
    with ThreadPoolExecutor(6) as pool:
        claims = list(
            pool.map(lambda control: control.erasure_task_claim("boxes"), [database.control() for _ in range(6)])
        )
    (claim,) = (claim for claim in claims if claim is not None)
    with pytest.raises(errors.Busy):
        ready.erasure_task_done(row["operation_id"], "boxes")
    with pytest.raises(errors.Busy):
        ready.erasure_task_exclude(row["operation_id"], "boxes", "x")
    with pytest.raises(errors.Busy):
        ready.erasure_task_fail(row["operation_id"], "boxes", "x", "00000000-0000-0000-0000-000000000000")
    # Whoever died on it loses it, and what it says afterwards is not heard.
    admin.execute("update freehold.setting set value = '1 hour' where name = 'clock_offset'")
    second = ready.erasure_task_claim("boxes", "another")
    assert second is not None
    assert (second["tenant"], second["attempts"]) == (row["tenant_id"], 2)
    with pytest.raises(errors.Busy):
        ready.erasure_task_done(row["operation_id"], "boxes", {}, claim["token"])
    done = ready.erasure_task_done(row["operation_id"], "boxes", {"n": 1}, second["token"])
    # Said twice by who did not hear the answer.
    assert ready.erasure_task_done(row["operation_id"], "boxes", {"n": 1}, second["token"]) == done
    for arguments in ((row["operation_id"], "nobody"), (0, "boxes")):
        with pytest.raises(errors.EraserNotFound):
            ready.erasure_task_done(*arguments)


@pytest.mark.parametrize(
    "detail", ['{"name": "Ada"}', '{"n": 1.5}', '{"n": -1}', '{"n": null}', '{"n": {"a": 1}}', "[1]", "null"]
)
def test_a_task_tells_numbers_only(ready: Control, detail: str) -> None:
    row = erase(ready)
    with pytest.raises(errors.InvalidArgument):
        ready.connection.execute(
            "select freehold.erasure_task_done(%s, 'boxes', %s::jsonb)", (row["operation_id"], detail)
        )


def test_a_held_tenant_keeps_what_it_has_elsewhere(ready: Control, database: Database) -> None:
    ready.tenant_provision(SLUG)
    ready.tenant_retire(SLUG, grace="0 days")
    admin = database.connect(database.admin_dsn)
    with admin.transaction():
        admin.execute("set local role tenant_quagga_owner")
        for number in range(60):
            admin.execute(f"create table tenant_quagga.t{number} (id int primary key, body text unique)".encode())
    crowd(database, room=350)
    assert ready.tenant_erase_step(SLUG, "x")["state"] == "running"
    ready.hold_set(SLUG, "court")
    assert list(work(ready, [Boxes()])) == []
    ready.hold_release(SLUG, "settled")
    assert [outcome.state for outcome in work(ready, [Boxes()])] == ["done"]


def test_a_slug_is_given_away_when_nothing_of_it_is_left(ready: Control) -> None:
    row = erase(ready)
    ready.tenant_provision("other")
    attempts: tuple[Callable[[], object], ...] = (
        lambda: ready.tenant_provision(SLUG),
        lambda: ready.tenant_provision_step(SLUG),
        lambda: ready.tenant_clone("other", SLUG),
        lambda: ready.tenant_rename("other", SLUG),
    )
    for attempt in attempts:
        with pytest.raises(errors.ErasureOpen) as caught:
            attempt()
        assert "boxes" in str(caught.value.diag.message_detail)
    ready.erasure_task_done(row["operation_id"], "boxes")
    assert ready.tenant_provision(SLUG)["id"] != row["tenant_id"]


def test_what_never_was_in_service_has_nothing_elsewhere(ready: Control) -> None:
    begun = ready.tenant_provision_step(SLUG)
    ready.operation_undo(begun["id"])
    assert ready.erasure_task_list() == []
    assert ready.tenant_provision(SLUG)["state"] == "active"


def test_a_worker_may_work_and_no_more(ready: Control, database: Database) -> None:
    row = erase(ready)
    dsns = {group: database.login_dsn(f"a_{group}") for group in ("worker", "auditor")}
    for group in dsns:
        database.connect(database.admin_dsn).execute(
            f"grant freehold_{group} to a_{group}; grant connect on database {database.name} to a_{group}".encode()
        )
    worker, auditor = (Control(database.connect(dsn)) for dsn in dsns.values())
    assert [task["task"] for task in auditor.erasure_task_list()] == ["boxes"]
    assert [outcome.state for outcome in work(worker, [Boxes()])] == ["done"]
    calls: tuple[Callable[[Control], object], ...] = (
        lambda control: control.erasure_task_exclude(row["operation_id"], "boxes", "x"),
        lambda control: control.erasure_certificate(row["tenant_id"]),
        lambda control: control.eraser_register("x", "y"),
        lambda control: control.hold_set("neighbour", "x"),
        lambda control: control.erasure_replay(row["tenant_id"], "2100-01-01"),
    )
    for call in calls:
        for control in (worker, auditor):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                call(control)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        auditor.erasure_task_claim("boxes")


def test_erasers_are_found_by_name(ready: Control, database: Database) -> None:
    assert [eraser.name for eraser in installed()] == ["tenant-keys"]
    assert isinstance(load(f"{__name__}:Boxes"), Boxes)
    assert load(f"{__name__}:BOXES") is BOXES
    for reference in ("", "no.such.module:x", f"{__name__}:missing", f"{__name__}:SLUG", "json:dumps", "json"):
        with pytest.raises((ValueError, TypeError)):
            load(reference)
    erase(ready)
    run = CliRunner().invoke
    told = run(main, ["--dsn", database.owner_dsn, "erasure", "work", "--eraser", f"{__name__}:BOXES"])
    assert (told.exit_code, told.stdout) == (0, "quagga: boxes done: 0 boxes\n1 done, 0 open\n"), told.stderr
    bad = run(main, ["--dsn", database.owner_dsn, "erasure", "work", "--eraser", "json:nothing", "--json"])
    assert (bad.exit_code, json.loads(bad.stderr)["error"]["code"]) == (2, "FH003")


def prove(control: Control, boxes: Boxes) -> dict[str, Any]:
    """All of it: whatever was done already is passed over."""
    states = [row["state"] for row in control.tenant_list() if row["slug"] == SLUG]
    if states:
        if states[0] == "active":
            control.tenant_retire(SLUG, grace="0 days")
        control.tenant_erase(SLUG, "x")
    (row,) = control.erasure_list(SLUG)
    for outcome in work(control, [boxes], slug=SLUG):
        assert outcome.state == "done", outcome
    return control.erasure_certificate(row["tenant_id"])


MORE = """
    create trigger killer_task after insert or update on freehold.erasure_task execute function killer.on_row();
    create trigger killer_certificate after insert on freehold.erasure_certificate execute function killer.on_row();
    create trigger killer_event after insert on freehold.event execute function killer.on_row();
"""


def test_it_is_ended_anywhere_and_goes_on(ready: Control, database: Database) -> None:
    """Killed between any two steps, tasks and certificate included."""
    killer = Killer(database)
    killer.admin.execute(MORE)
    control = database.control()
    control.tenant_provision(SLUG)
    killer.plan()
    prove(control, Boxes())
    points = killer.count()
    assert points > 20
    # Each of the last ones, which are tasks and certificate, and a part of those before.
    chosen = sorted({*range(1, points - 8, max(1, points // 9)), *range(points - 8, points + 1)})
    for number, point in enumerate(chosen):
        way = ("terminate", "cancel", "disk full")[number % 3]
        killer.rest()
        killer.admin.execute("delete from freehold.erasure_certificate; delete from freehold.erasure_task")
        killer.admin.execute(
            "delete from freehold.operation where slug = 'quagga'; delete from freehold.tenant where slug = 'quagga'"
        )
        control.tenant_provision(SLUG)
        trace = residue.note(killer.admin, SLUG)
        boxes = Boxes(quagga=3)
        killer.plan(point, way)
        with pytest.raises((psycopg.Error, AssertionError)):
            prove(database.control(), boxes)
        killer.rest()
        where = f"{way} at point {point} of {points}"
        assert killer.admin.execute(ORPHANS).fetchall() == [], where
        # Who was killed with a task in its hands has it until the lease is over.
        killer.admin.execute(
            "update freehold.erasure_task set lease_until = now() - interval '1 day' where lease is not null"
        )
        certificate = prove(control, boxes)
        assert certificate["residue"]["found"] == [], where
        assert boxes.held == {}, where
        assert [task["state"] for task in certificate["tasks"]] == ["done"], where
        assert residue.in_catalogs(killer.admin, trace) == [], where
        assert prove(control, boxes) == certificate, where


def test_two_at_once_are_one(ready: Control, database: Database) -> None:
    ready.tenant_provision(SLUG)
    ready.tenant_retire(SLUG, grace="0 days")
    controls = [database.control() for _ in range(4)]

    def run(control: Control) -> str:
        try:
            control.tenant_erase(SLUG, "x")
        except errors.FreeholdError as error:
            return type(error).__name__
        return "erased"

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(run, controls))
        assert "erased" in said
        assert set(said) <= {"erased", "TenantNotFound", "Busy"}
        (row,) = ready.erasure_list(SLUG)
        ready.erasure_task_done(row["operation_id"], "boxes")
        certificates = list(pool.map(lambda control: control.erasure_certificate(row["tenant_id"]), controls))
    assert all(certificate == certificates[0] for certificate in certificates)
    entry = Entry(row["tenant_id"], row["erased_at"], None)
    assert [step.outcome for step in replay(ready, [entry])] == ["gone"]
