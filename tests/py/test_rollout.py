"""A rollout goes over a fleet: template, canaries, waves, a sweep; it is planned, approved, paused, halted, taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from freehold import errors
from freehold.bundle import install_bundle, run
from freehold.control import Control
from freehold.migrate.files import Directory
from freehold.migrate.plan import entries
from support.database import Database
from support.fleet import Fleet, until


@pytest.fixture
def fleet(database: Database, tmp_path: Path) -> Fleet:
    return Fleet(database, tmp_path / "migrations")


def test_template_canaries_waves(fleet: Fleet) -> None:
    fleet.add_column(1)
    fleet.add_column(2)
    rollout = fleet.start(canaries=["t07"], first_wave=3, growth=2)
    waves = [(row["name"], row["tenants"]) for row in fleet.control.rollout_status(rollout)]
    assert waves == [("template", 1), ("canary", 1), ("wave 2", 3), ("wave 3", 6), ("wave 4", 2)]
    order: list[str] = []
    row = fleet.work(rollout, claim=1, say=lambda slug, state, message: order.append(slug))
    fleet.complete(rollout)
    assert row["version_after"] == 2
    assert order[:2] == ["default", "t07"]
    assert set(order[2:5]) == {"t01", "t02", "t03"}
    # Their schemas are what the template's new version says, and so are those who are born now.
    fleet.control.tenant_provision("born")
    assert fleet.applied("born") == fleet.migrations
    assert [row for row in fleet.control.fleet_drift() if row["drifted"] or row["version"] != 2] == []


def test_canaries_are_picked_by_size(fleet: Fleet) -> None:
    for number in range(13, 31):
        fleet.control.tenant_provision(f"t{number:02}")
    fleet.control.migration_apply(
        "t17", "9999.fill", "insert into note select i, repeat('x', 500) from generate_series(2, 9000) i"
    )
    fleet.admin.execute("vacuum analyze tenant_t17.note")
    fleet.add_column()
    rollout = fleet.start()
    canaries = [row["slug"] for row in fleet.control.rollout_tenants(rollout) if row["wave"] == 1]
    # A tenth of thirty: the third of the small, of the middling, and of the large ones.
    assert len(canaries) == 3
    largest = fleet.admin.execute(
        "with size as (select t.slug, sum(c.relpages) as pages from freehold.tenant as t join pg_namespace as n"
        "    on n.nspname = t.schema_name join pg_class as c on c.relnamespace = n.oid group by t.id)"
        " select count(*) from size where pages > (select max(pages) from size where slug <> 't17')"
    ).fetchone()
    assert largest == (1,)


def test_the_plan_is_approved_by_its_digest(fleet: Fleet) -> None:
    fleet.add_column()
    files = list(Directory(fleet.path))
    first = fleet.control.rollout_create("default", entries(files))
    second = fleet.control.rollout_create("default", entries(files), first_wave=2)
    assert first["plan_digest"] != second["plan_digest"]
    with pytest.raises(errors.PlanChanged):
        fleet.control.rollout_start(first["id"], second["plan_digest"])
    fleet.admin.execute(
        "update freehold.rollout_tenant set wave = 2 where rollout_id = %s and wave = 1", (first["id"],)
    )
    with pytest.raises(errors.PlanChanged):
        fleet.control.rollout_start(first["id"], first["plan_digest"])
    fleet.control.rollout_start(second["id"], second["plan_digest"])
    with pytest.raises(errors.WrongState):
        fleet.control.rollout_start(second["id"], second["plan_digest"])
    third = fleet.control.rollout_create("default", entries(files))
    with pytest.raises(errors.RolloutOpen):
        fleet.control.rollout_start(third["id"], third["plan_digest"])


def test_pausing_and_going_on(fleet: Fleet) -> None:
    fleet.add_column()
    rollout = fleet.start(canaries=["t01"], pause_after="canary")
    assert fleet.work(rollout)["state"] == "paused"
    assert [slug for slug, state in fleet.states(rollout).items() if state == "done"] == ["@default", "t01"]
    assert fleet.work(rollout)["state"] == "paused"
    fleet.control.rollout_resume(rollout)
    worker = fleet.worker(rollout, claim=2)
    worker.say = lambda slug, state, message: worker.stop.set()
    worker.run()
    # It ended after the tenant it was at, and gave the other back.
    assert list(fleet.states(rollout).values()).count("done") == 3
    assert "claimed" not in fleet.states(rollout).values()
    fleet.control.rollout_pause(rollout, "lunch")
    assert fleet.control.rollout_claim(rollout, "me") == []
    fleet.control.rollout_resume(rollout)
    fleet.work(rollout, 2)
    fleet.complete(rollout)


def test_a_paused_rollout_lets_those_finish_who_have_begun(fleet: Fleet) -> None:
    migration = fleet.add_column()
    rollout = fleet.start()
    worker = Control(fleet.database.connect(fleet.worker_dsn))
    (claim,) = worker.rollout_claim(rollout, "me", 1)
    fleet.control.rollout_pause(rollout)
    text = fleet.renderer().directory[migration].source
    assert worker.rollout_apply(claim["lease_id"], migration, text) == []
    fleet.control.rollout_resume(rollout)
    claims = worker.rollout_claim(rollout, "me", 2)
    fleet.control.rollout_abort(rollout)
    for claim in claims:
        with pytest.raises(errors.LeaseOver):
            worker.rollout_apply(claim["lease_id"], migration, text)
    fleet.whole()


def test_nothing_is_done_without_the_lease(fleet: Fleet) -> None:
    migration = fleet.add_column()
    rollout = fleet.start()
    worker = Control(fleet.database.connect(fleet.worker_dsn))
    (claim,) = worker.rollout_claim(rollout, "me", 1)
    text = fleet.renderer().directory[migration].source
    with pytest.raises(errors.NotInRollout):
        worker.rollout_apply(claim["lease_id"], "0009.other", "select 1")
    # A worker may do what its lease is for, and nothing else: no other home, no lifecycle.
    for query in (
        "select freehold.migration_apply('t01', '0001.c1', 'select 1')",
        "select freehold.tenant_suspend('t01')",
        "select freehold.rollout_abort(1)",
        "select * from freehold.rollout_tenant",
        "set role tenant_t01_owner",
        "select * from tenant_t01.note",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            worker.connection.execute(query.encode())
    assert worker.rollout_apply(claim["lease_id"], migration, text) == []
    with pytest.raises(errors.LeaseOver):
        worker.rollout_apply(claim["lease_id"], migration, text)
    with pytest.raises(errors.LeaseOver):
        worker.rollout_fail(claim["lease_id"], "23505", "x")


def test_an_edited_file_is_refused_with_who_ran_which_text(fleet: Fleet) -> None:
    migration = fleet.add_column()
    fleet.control.migration_apply("t03", migration, "select 1", "another")
    files = list(Directory(fleet.path))
    with pytest.raises(errors.MigrationChanged) as caught:
        fleet.control.rollout_create("default", entries(files))
    assert "t03" in str(caught.value.diag.message_detail)
    fleet.control.migration_mark("t03", [migration], applied=False)
    rollout = fleet.start()
    (fleet.path / f"{migration}.sql").write_text("select 1;")
    # And by a worker whose directory is not the one that was planned with.
    with pytest.raises(errors.MigrationChanged):
        fleet.work(rollout)


def test_a_contract_step_waits_for_the_whole_fleet(fleet: Fleet) -> None:
    expand = fleet.write("0001.expand", "alter table note add column title text;")
    rollout = fleet.start()
    fleet.admin.execute("alter table tenant_t05.note add column title int")
    assert fleet.work(rollout)["state"] == "halted"
    contract = fleet.write("0002.contract", f"-- contract: {expand}\nalter table note drop column body;")
    files = Directory(fleet.path)
    with pytest.raises(errors.ContractTooEarly) as caught:
        fleet.control.rollout_create("default", entries([files[contract]]))
    assert "t05" in str(caught.value.diag.message_detail)
    fleet.admin.execute("alter table tenant_t05.note drop column title")
    fleet.control.rollout_retry(rollout)
    fleet.work(rollout)
    fleet.complete(rollout, [expand])
    late = fleet.control.rollout_create("default", entries([files[contract]]))
    # Asked again when it starts: somebody may have fallen back meanwhile.
    fleet.control.migration_rollback("t05", expand, "alter table note drop column title")
    with pytest.raises(errors.ContractTooEarly):
        fleet.control.rollout_start(late["id"], late["plan_digest"])


def test_expand_and_contract_in_one_rollout_are_refused(fleet: Fleet) -> None:
    expand = fleet.write("0001.expand", "alter table note add column title text;")
    fleet.write("0002.contract", f"-- contract: {expand}\nalter table note drop column body;")
    with pytest.raises(errors.ContractTooEarly):
        fleet.start()


def test_a_rollout_is_taken_back_from_the_last_wave_to_the_first(fleet: Fleet) -> None:
    fleet.add_column(1)
    first = fleet.start()
    fleet.work(first)
    fleet.add_column(2)
    fleet.add_column(3)
    rollout = fleet.start(canaries=["t01"], first_wave=4, growth=2)
    fleet.work(rollout)
    fleet.complete(rollout)
    fleet.control.tenant_provision("born")
    back = fleet.control.rollout_rollback(rollout)
    waves = {row["slug"]: row["wave"] for row in fleet.control.rollout_tenants(back["id"])}
    assert waves["@default"] == 0
    assert waves["t12"] < waves["t03"] < waves["t01"]
    fleet.control.rollout_start(back["id"], back["plan_digest"])
    order: list[str] = []
    row = fleet.work(back["id"], claim=1, say=lambda slug, state, message: order.append(slug))
    assert row["state"] == "done"
    assert order[0] == "default"
    assert order[-1] == "t01"
    fleet.whole()
    for home in ("@default", "t01", "t12", "born"):
        assert fleet.applied(home) == ["0001.c1"], home
    # The template is the version that it was before, and so are they.
    assert [r for r in fleet.control.fleet_drift() if r["drifted"] or r["version"] != row["version_after"]] == []
    assert row["version_after"] == fleet.control.rollout_get(first)["version_after"]


def test_one_migration_of_several_is_taken_back(fleet: Fleet) -> None:
    fleet.add_column(1)
    fleet.add_column(2)
    rollout = fleet.start()
    fleet.work(rollout)
    back = fleet.control.rollout_rollback(rollout, ["0002.c2"])
    fleet.control.rollout_start(back["id"], back["plan_digest"])
    fleet.work(back["id"], 2)
    fleet.whole()
    assert fleet.applied("t05") == ["0001.c1"]
    with pytest.raises(errors.NotInRollout):
        fleet.control.rollout_rollback(rollout, ["0009.other"])


def test_those_who_have_it_already_are_not_asked(fleet: Fleet) -> None:
    migration = fleet.add_column()
    for slug in ("t01", "t02"):
        fleet.control.migration_apply(slug, migration, (fleet.path / f"{migration}.sql").read_text(),
                                      fleet.renderer().directory[migration].digest)  # fmt: skip
    rollout = fleet.start()
    assert set(fleet.states(rollout)) == {"@default"} | {f"t{n:02}" for n in range(3, 13)}
    # And whoever gets it between the plan and its turn is done without being touched.
    fleet.control.migration_apply("t03", migration, (fleet.path / f"{migration}.sql").read_text(),
                                  fleet.renderer().directory[migration].digest)  # fmt: skip
    fleet.work(rollout)
    fleet.complete(rollout)


def test_who_has_the_templates_migrations_is_at_its_version(fleet: Fleet) -> None:
    control = fleet.control
    fleet.add_column(1)
    fleet.work(fleet.start())
    control.tenant_provision("born")
    control.tenant_provision("again")
    # One has it by birth and by hand as well, one has had another for a while, and one has another.
    for slug, name, applied in (
        ("again", "0001.c1", False),
        ("again", "0001.c1", True),
        ("t03", "0000.other", True),
        ("t03", "0000.other", False),
        ("t02", "0000.other", True),
    ):
        assert control.migration_mark(slug, [name], applied=applied) == 1
    fleet.add_column(2)
    rollout = fleet.start()
    version = fleet.work(rollout)["version_after"]
    fleet.complete(rollout)
    versions = {row["slug"]: row["template_version"] for row in control.tenant_list()}
    assert versions == dict.fromkeys(versions, version) | {"t02": version - 1}


def test_a_rollout_goes_on_after_an_upgrade(fleet: Fleet) -> None:
    """What an earlier release has written of the template's migrations is a sha256."""
    fleet.add_column()
    rollout = fleet.start(canaries=["t01"], pause_after="canary")
    fleet.work(rollout)
    fleet.admin.execute("update freehold.rollout set ledger_after = repeat('a', 64) where id = %s", (rollout,))
    run(fleet.database.connect(fleet.database.owner_dsn), install_bundle())
    fleet.control.rollout_resume(rollout)
    version = fleet.work(rollout)["version_after"]
    fleet.complete(rollout)
    assert {row["template_version"] for row in fleet.control.tenant_list()} == {version}


def test_a_step_waits_for_whoever_is_at_the_tenant(fleet: Fleet) -> None:
    migration = fleet.add_column()
    rollout = fleet.start(canaries=["t01"], first_wave=20, pause_after="canary")
    fleet.work(rollout)
    fleet.control.rollout_resume(rollout)
    worker = Control(fleet.database.connect(fleet.worker_dsn))
    lease = next(claim["lease_id"] for claim in worker.rollout_claim(rollout, "me", 20) if claim["slug"] == "t06")
    holder = fleet.database.connect(fleet.database.admin_dsn)
    holder.execute("begin; select from freehold.tenant where slug = 't06' for update")
    waits = "select from pg_locks where pid = %s and not granted"
    with ThreadPoolExecutor(1) as pool:
        text = (fleet.path / f"{migration}.sql").read_text()
        step = pool.submit(worker.rollout_apply, lease, migration, text)
        pid = worker.connection.info.backend_pid
        until(lambda: fleet.admin.execute(waits, (pid,)).fetchone() is not None, lambda: not step.done())
        holder.execute("rollback")
        assert step.result() == []
    worker.connection.close()
    fleet.work(rollout)
    fleet.complete(rollout)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"first_wave": 0}, errors.InvalidArgument),
        ({"growth": 0.5}, errors.InvalidArgument),
        ({"pause_after": "dinner"}, errors.InvalidArgument),
        ({"max_failure_percent": 101}, errors.InvalidArgument),
        ({"attempts": 0}, errors.InvalidArgument),
        ({"lock_timeout": "0s"}, errors.InvalidArgument),
        ({"canaries": ["nobody"]}, errors.TenantNotFound),
    ],
)
def test_bad_parameters_plan_nothing(fleet: Fleet, options: dict[str, object], error: type[Exception]) -> None:
    fleet.add_column()
    with pytest.raises(error):
        fleet.start(**options)
    assert fleet.control.rollout_list() == []


def test_unknown_rollouts(fleet: Fleet) -> None:
    for call in (fleet.control.rollout_get, fleet.control.rollout_status, fleet.control.rollout_pause):
        with pytest.raises(errors.RolloutNotFound):
            call(99)
    with pytest.raises(errors.TemplateNotFound):
        fleet.control.rollout_create("nothing", [{"id": "0001.x", "digest": "d"}])
    for bad in ([], [{"id": "0001.x"}], [{"digest": "x"}]):
        with pytest.raises(errors.InvalidArgument):
            fleet.control.rollout_create("default", bad)
