"""Keepers: one leads, and only while its lease holds; whatever happens to it, another goes on, and no task keeps another."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from freehold.cli import main
from freehold.control import Control
from freehold.errors import NotLeading
from freehold.keeper import Keeper
from support.database import Database, Databases
from support.keeping import Keeping, as_keeper, heard
from support.killer import after_recovery
from support.patience import until
from support.server import start_server

SHORT = timedelta(seconds=1)


@pytest.fixture
def keeping(database: Database) -> Iterator[Keeping]:
    keeping = Keeping(database)
    yield keeping
    keeping.close()


def test_one_is_killed_and_the_other_takes_over(keeping: Keeping) -> None:
    first = keeping.process()
    holder = heard(first, "leads")["holder"]
    second = keeping.process()
    assert heard(second, "waits")["leader"] == holder
    first.send_signal(signal.SIGKILL)
    first.wait()
    # Nobody takes over before the lease ends.
    assert not as_keeper(keeping).keeper_lead("third")
    keeping.later("2 hours")
    assert heard(second, "leads")["holder"] == keeping.control.keeper_get()["holder"] != holder
    keeping.plant("late")
    keeping.admin.execute("notify freehold_keeper")
    until(lambda: keeping.traces("late") == 1)


def test_one_is_told_to_end_and_hands_over_at_once(keeping: Keeping) -> None:
    first = keeping.process("--lease", "3600")
    heard(first, "leads")
    second = keeping.process("--lease", "3600")
    heard(second, "waits")
    first.send_signal(signal.SIGTERM)
    heard(first, "resigned")
    assert first.wait(60) == 0
    heard(second, "leads")


def test_of_many_one_leads(keeping: Keeping) -> None:
    connections = [as_keeper(keeping) for _ in range(6)]
    for hours in range(3):
        keeping.later(f"{hours} hours")
        barrier = threading.Barrier(len(connections))

        def ask(number: int, barrier: threading.Barrier = barrier) -> bool:
            barrier.wait()
            return connections[number].keeper_lead(f"keeper {number}")

        with ThreadPoolExecutor(len(connections)) as pool:
            assert sum(pool.map(ask, range(len(connections)))) == 1


def test_a_run_of_one_that_leads_no_more_is_taken_back(keeping: Keeping) -> None:
    one, two = as_keeper(keeping), as_keeper(keeping)
    assert one.keeper_lead("one")
    gate = keeping.gate()
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(one.task_run, "gated", "one")
        until(lambda: keeping.at_the_gate() is not None)
        # It sleeps past its lease, and another leads.
        keeping.later("1 hour")
        assert two.keeper_lead("two")
        gate.execute("rollback")
        with pytest.raises(NotLeading, match="does not lead"):
            late.result()
    assert (keeping.traces("gated"), keeping.task("gated")["last_finished_at"]) == (0, None)
    assert two.task_run("gated", "two") == 0
    assert keeping.traces("gated") == 1


def test_one_whose_lease_has_ended_begins_nothing(keeping: Keeping) -> None:
    one = as_keeper(keeping)
    keeping.plant("plain")
    assert one.keeper_lead("one")
    keeping.later("1 hour")
    with pytest.raises(NotLeading):
        one.task_run("plain", "one")
    with pytest.raises(NotLeading):
        one.task_run("plain", "one ")
    # Nobody has taken it, so it may have it again.
    assert one.keeper_lead("one")
    assert one.task_run("plain", "one") == 0


def test_who_takes_over_waits_for_a_run_that_is_at_its_end(keeping: Keeping) -> None:
    one, two = as_keeper(keeping), as_keeper(keeping)
    keeping.plant("plain")
    assert one.keeper_lead("one")
    one.connection.execute("begin")
    assert one.task_run("plain", "one") == 0
    keeping.later("1 hour")
    with ThreadPoolExecutor(1) as pool:
        taking = pool.submit(two.keeper_lead, "two")
        until(lambda: keeping.admin.execute(
            "select from pg_stat_activity where query like '%keeper_lead%' and wait_event_type = 'Lock'").fetchone() is not None)  # fmt: skip
        one.connection.execute("commit")
        assert taking.result()
    assert keeping.traces("plain") == 1


def test_a_lease_is_renewed_while_a_run_takes_its_time(keeping: Keeping) -> None:
    gate = keeping.gate()
    keeper = keeping.start(lease=SHORT)
    until(lambda: keeping.at_the_gate() is not None)
    seen: set[object] = set()

    def renewed() -> bool:
        seen.add(keeping.control.keeper_get()["seen_at"])
        return len(seen) > 4

    until(renewed)
    assert not as_keeper(keeping).keeper_lead("two")
    gate.execute("rollback")
    until(lambda: keeping.traces("gated") == 1)
    assert keeper.events("waits") == []


def test_a_run_is_stopped_at_once_where_the_lease_is_lost(keeping: Keeping) -> None:
    keeping.gate()
    keeper = keeping.start(lease=SHORT)
    until(lambda: keeping.at_the_gate() is not None)
    keeping.admin.execute("update freehold.keeper set holder = 'other', expires_at = now() + interval '1 day'")
    # Nobody opens the gate: it is cancelled.
    keeper.has("waits")
    assert keeping.at_the_gate() is None
    row = keeping.task("gated")
    assert (keeping.traces("gated"), row["last_finished_at"], row["failures"]) == (0, None, 0)
    assert keeper.events("waits")[0]["leader"] == "other"


def test_one_that_is_to_end_cancels_what_takes_too_long(keeping: Keeping) -> None:
    keeping.gate()
    keeper = keeping.start()
    until(lambda: keeping.at_the_gate() is not None)
    keeper.end()
    assert keeper.error is None
    assert keeping.at_the_gate() is None
    assert (keeping.traces("gated"), keeping.task("gated")["failures"]) == (0, 0)
    assert not keeping.control.keeper_get()["leads"]
    assert keeper.events("resigned")


def test_a_task_that_fails_keeps_no_other(keeping: Keeping) -> None:
    keeping.plant("bad", "raise exception 'planted' using errcode = 'FH501';", every="1 second")
    keeping.plant("endless", result=1)
    keeping.plant("good")
    keeper = keeping.start()
    until(lambda: keeping.traces("good") == 1 and keeping.traces("endless") > 25)
    keeper.has("failed")
    row = keeping.task("bad")
    assert (row["last_error_code"], row["last_error"], row["failures"]) == ("FH501", "planted", 1)
    assert row["next_due_at"] - row["last_finished_at"] == timedelta(seconds=10)
    # And is tried again.
    keeping.plant("bad")
    keeping.later("11 seconds")
    until(lambda: keeping.traces("bad") > 0)
    assert keeping.task("bad")["failures"] == 0


def test_a_session_that_is_killed_in_a_run_costs_that_run(keeping: Keeping) -> None:
    gate = keeping.gate()
    keeping.plant("good", every="1 second")
    keeper = keeping.start()
    until(lambda: keeping.at_the_gate() is not None)
    keeping.admin.execute("select pg_terminate_backend(%s)", (keeping.at_the_gate(),))
    gate.execute("rollback")
    keeper.has("lost")
    keeper.has("failed")
    row = keeping.task("gated")
    assert (row["last_error_code"], row["failures"]) == ("57P01", 1)
    runs = keeping.traces("good")
    until(lambda: keeping.traces("good") > runs)


def test_a_run_that_somebody_cancels_has_failed(keeping: Keeping) -> None:
    keeping.gate()
    keeper = keeping.start()
    until(lambda: keeping.at_the_gate() is not None)
    keeping.admin.execute("select pg_cancel_backend(%s)", (keeping.at_the_gate(),))
    keeper.has("failed")
    assert (keeping.task("gated")["last_error_code"], keeper.events("lost")) == ("57014", [])


def test_a_notification_makes_a_task_due(keeping: Keeping) -> None:
    keeping.plant("called", channel="planted")
    keeping.plant("deaf")
    keeping.start()
    until(lambda: keeping.traces("called") == 1 and keeping.traces("deaf") == 1)
    keeping.admin.execute("notify planted")
    until(lambda: keeping.traces("called") == 2)
    keeping.admin.execute("notify freehold_keeper, 'called'")
    until(lambda: keeping.traces("called") == 3)
    assert keeping.traces("deaf") == 1


def test_what_an_operator_changes_counts_at_once(keeping: Keeping) -> None:
    keeping.plant("one")
    keeper = keeping.start()
    until(lambda: keeping.traces("one") == 1)
    keeping.control.task_set("one", enabled=False)
    keeping.control.task_set("one", every="1 second")
    keeping.later("1 day")
    keeping.control.task_set("one", enabled=True)
    until(lambda: keeping.traces("one") == 2)
    keeping.later("2 days")
    until(lambda: keeping.traces("one") == 3)
    keeper.end()
    newest, *others = keeping.control.event_list(kind="task_")
    assert [row["kind"] for row in others] == ["task_set.done"] * 2
    assert newest["detail"]["new"] == {"every": "00:00:01", "enabled": True}


def test_who_may_not_is_told_at_the_beginning(keeping: Keeping) -> None:
    dsn = keeping.database.login_dsn("nobody_s")
    keeping.admin.execute("grant freehold_worker to nobody_s")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        Keeper(dsn).run(threading.Event())
    with pytest.raises(psycopg.OperationalError):
        Keeper(f"{dsn} password=wrong").run(threading.Event())


def test_two_of_one_name_are_two(keeping: Keeping) -> None:
    one, two = Keeper(keeping.dsn, holder="host"), Keeper(keeping.dsn, holder="host")
    assert one.holder != two.holder


def test_once(keeping: Keeping) -> None:
    keeping.plant("good", result=0)
    runner = CliRunner()
    done = runner.invoke(main, ["--dsn", keeping.dsn, "keep", "--once"])
    assert (done.exit_code, keeping.traces("good")) == (0, 1), done.output
    assert "leads" in done.stdout
    assert not keeping.control.keeper_get()["leads"]
    # What is not due is not done; what fails is told.
    keeping.plant("bad", "perform 1 / 0;")
    done = runner.invoke(main, ["--dsn", keeping.dsn, "--json", "keep", "--once"])
    assert (done.exit_code, keeping.traces("good")) == (1, 1)
    assert "22012" in [json.loads(line).get("code") for line in done.stdout.splitlines()]
    # Where another leads there is nothing to do.
    assert keeping.control.keeper_lead("other")
    keeping.later("1 hour")
    assert keeping.control.keeper_lead("other")
    done = runner.invoke(main, ["--dsn", keeping.dsn, "keep", "--once"])
    assert (done.exit_code, keeping.traces("good")) == (0, 1)
    assert "other leads" in done.stdout


def test_tasks_on_the_command_line(keeping: Keeping) -> None:
    keeping.plant("good")
    keeping.plant("bad", "perform 1 / 0;")
    runner = CliRunner()

    def task(*arguments: str) -> tuple[int, str]:
        done = runner.invoke(main, ["--dsn", keeping.dsn, "task", *arguments])
        return done.exit_code, done.output

    assert task("run", "good") == (0, "task good has done 0\n")
    code, said = task("run", "bad")
    assert (code, "[22012] division by zero" in said) == (1, True)
    assert task("run", "none")[0] == 3
    code, said = task("list")
    assert "no keeper leads" in said
    assert "division by zero" in said
    assert task("set", "good", "--every", "2 minutes", "--disable")[0] == 0
    assert (keeping.task("good")["every"], keeping.task("good")["enabled"]) == (timedelta(minutes=2), False)
    assert task("set", "good", "--every", "0")[0] == 2


def test_the_server_is_restarted(tmp_path: Path) -> None:
    """A crash in the midst of a run: the keeper comes back, says what became of the run, and goes on."""
    choice = os.environ.get("FREEHOLD_TEST_PG", "embedded")
    if choice != "embedded" and not Path(choice).is_dir():
        pytest.skip("the processes of this server are not the test's to kill")
    with start_server(choice) as server:
        for database in _durable(Databases(server)):
            keeping = Keeping(database)
            try:
                keeping.gate()
                keeper = keeping.start()
                until(lambda: keeping.at_the_gate() is not None)  # noqa: B023
                keeping.plant("good", every="1 second")
                os.kill(keeping.at_the_gate() or 0, signal.SIGKILL)
                keeping.admin = after_recovery(database, keeping.admin)
                keeping.control = database.control()
                keeper.has("leads", 2)
                keeper.has("failed")
                until(lambda: keeping.traces("good") > 0)  # noqa: B023
                row = keeping.task("gated")
                assert (row["failures"], keeping.control.keeper_get()["holder"]) == (1, keeper.keeper.holder)
            finally:
                keeping.close()


def _durable(databases: Databases) -> Iterator[Database]:
    with databases.clone() as database:
        # Servers of tests commit without waiting for the log.
        with databases.server.connect() as admin:
            admin.execute(f"alter database {database.name} set synchronous_commit = on".encode())
            admin.execute("checkpoint")
        yield database


def test_doctor_misses_one_that_led(keeping: Keeping) -> None:
    def findings() -> list[str]:
        return [
            f"{row['object']}: {row['finding']}" for row in keeping.control.doctor() if row["check_name"] == "keeper"
        ]

    keeping.plant("good", every="10 minutes")
    keeping.later("10 days")
    assert findings() == []
    one = as_keeper(keeping)
    assert one.keeper_lead("one")
    assert one.keeper_resign("one")
    keeping.later("10 days 99 minutes")
    assert findings() == []
    keeping.later("10 days 101 minutes")
    (found,) = findings()
    assert found.startswith("keeper: none has led since")
    keeping.admin.execute("update freehold.task set enabled = false")
    assert findings() == []
    keeping.plant("bad", "perform 1 / 0;")
    assert one.keeper_lead("one")
    for failures in range(1, 4):
        assert findings() == []
        assert Control(one.connection).task_run("bad") is None
        assert keeping.task("bad")["failures"] == failures
    assert findings() == ["task bad: has failed 3 times in a row"]


def test_the_page_runs(keeping: Keeping) -> None:
    """docs/how-to/keeper.md: what it has to type, and what it says of the tasks."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "keeper.md").read_text(encoding="utf-8")
    keeping.admin.execute("update freehold.task set enabled = true")
    keeping.control.template_create("crm")
    keeping.control.template_freeze("crm")
    keeping.control.tenant_provision("acme", "crm")
    for block in re.findall(r"^```sql\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        keeping.admin.execute(block.encode())
    for line in re.findall(r"^\$ freehold (.*)$", page, re.MULTILINE):
        arguments = [*shlex.split(line), *(["--once"] if line == "keep" else [])]
        done = CliRunner().invoke(main, ["--dsn", keeping.dsn, *arguments])
        assert done.exit_code == 0, (line, done.output)
    described = re.findall(r"^\| `(\w+)` \| (\d+) (s|min|h)\b", page, re.MULTILINE)
    seconds = {"s": 1, "min": 60, "h": 3600}
    rows = (
        keeping.database.connect(keeping.database.admin_dsn).execute("select name, every from freehold.task").fetchall()
    )
    # What the page has changed itself apart.
    assert {name: timedelta(seconds=int(number) * seconds[unit]) for name, number, unit in described} == dict(rows) | {
        "reserve": timedelta(seconds=5)
    }
