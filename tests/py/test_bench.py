"""The bench, at its smallest, for real: what it writes, never how fast it was."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = os.environ.get("PYTHONPATH", str(ROOT / "pyapp"))
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"PYTHONPATH": SOURCES}


def command(home: Path, *arguments: str) -> list[str]:
    return [
        sys.executable, "-m", "bench", "--home", str(home), "--tenants", "2", "--quick", "--repetitions", "1",
        "--schemas", "plain20", "--subjects", "by hand,freehold", "--cell-capacity", "1", "--workers", "1",
        *arguments,
    ]  # fmt: skip


@contextlib.contextmanager
def bench_on_the_path() -> Iterator[None]:
    sys.path.insert(0, str(ROOT))
    try:
        yield
    finally:
        sys.path.remove(str(ROOT))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    directory = tmp_path_factory.mktemp("bench")
    told = subprocess.run(
        command(directory / "home", "--rows", "400", "--json", str(directory / "figures.json")),
        cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert not (directory / "home" / "fleet-2").exists(), "the data directory was left behind"
    return told.stdout, json.loads((directory / "figures.json").read_text())


def test_measures_what_was_asked(run: tuple[str, dict[str, Any]]) -> None:
    _, figures = run
    measured = {(m["subject"], m["operation"], m["tenants"]) for m in figures["measurements"]}
    operations = {"provision", "clone", "clone data", "erase"}
    both = {(subject, operation, 2) for subject in ("by hand", "freehold") for operation in operations}
    assert measured == both | {("freehold", claim, 2) for claim in ("claim", "claim again")}
    for measurement in figures["measurements"]:
        assert measurement["failure"] is None
        assert measurement["repetitions"] == len(measurement["samples_ms"]) == 1
        assert measurement["q1_ms"] <= measurement["median_ms"] <= measurement["q3_ms"]
        assert measurement["ratio"] is not None


def test_every_subject_makes_the_same(run: tuple[str, dict[str, Any]]) -> None:
    _, figures = run
    shape = {k: v for k, v in figures["schemas"]["plain20"].items() if k != "statements"}
    assert shape["tables"] == 20
    assert shape["triggers"] == 20
    made = [m["made"] for m in figures["measurements"] if m["operation"] != "erase"]
    assert made == [shape] * len(made)


def test_by_hand_sends_what_freehold_runs_and_nothing_else(tmp_path: Path) -> None:
    with bench_on_the_path():
        from bench.place import Place
        from bench.schema import find
        from bench.subjects import SUBJECTS, Limits
    schema = find("plain20")
    place = Place(tmp_path / "home", 0)
    with place.running(keep=False), contextlib.closing(SUBJECTS["by hand"](place, schema, Limits(60))) as subject:
        subject.prepare()
        _, source = place.source(schema)
        for operation in subject.operations():
            script = subject.script(operation, "bench_made")  # type: ignore[attr-defined]
            assert not re.search("^(grant|revoke) .* on (function|procedure) ", script, re.MULTILINE), operation
            assert not re.search("^grant .* to bench_hand$", script.replace(";", ""), re.MULTILINE), operation
            subject.ready(operation, "bench_made")
            subject.make(operation, "bench_made")
            assert _privileges(place, "bench_made") == _privileges(place, source), operation
            subject.after("bench_made")


def _privileges(place: Any, schema: str) -> list[tuple[str, str]]:
    """Who may do what with a schema's relations and functions, its roles by what they are."""
    with place.connect(superuser=True) as admin:
        rows = admin.execute(
            "select relname::text, relacl::text from pg_class where relnamespace = to_regnamespace(%(schema)s) "
            "and relkind in ('r', 'S', 'v', 'm') union all "
            "select proname::text, proacl::text from pg_proc where pronamespace = to_regnamespace(%(schema)s) order by 1",
            {"schema": schema},
        ).fetchall()
    owner, writer = ("bench_hand", "bench_hand_rw") if schema == "bench_made" else (f"{schema}_owner", f"{schema}_rw")
    return [(name, str(acl).replace(writer, "writer").replace(owner, "owner")) for name, acl in rows]


def test_says_what_it_ran_on(run: tuple[str, dict[str, Any]]) -> None:
    _, figures = run
    assert figures["server"]["fsync"] == "on"
    assert figures["server"]["server_version"]
    assert figures["host"]["cpus"] == os.cpu_count()
    assert {"freehold", "django-tenants"} <= figures["versions"].keys()
    assert figures["plan"]["tenants"] == [2]


def test_judges_the_goals(run: tuple[str, dict[str, Any]]) -> None:
    out, figures = run
    goals = {g["name"]: g for g in figures["goals"]}
    goal = goals["provision / the same script by hand"]
    assert goal["passed"] == (goal["value"] <= 1.25)
    took = {(m["subject"], m["operation"]): m["median_ms"] for m in figures["measurements"]}
    for claim in ("claim", "claim again"):
        assert goals[f"{claim} / provision"]["bound"] == 1 / 50
        assert goals[f"{claim} / provision"]["value"] == pytest.approx(
            took["freehold", claim] / took["freehold", "provision"], rel=0.05, abs=0.0002
        )
    assert goals["speed of a clone with data, of create table as"]["of"] == "400 rows"
    assert ("pass" if goal["passed"] else "FAIL") in out
    assert max(map(len, out.splitlines()[-40:-1])) <= 100


def test_passes_the_gates_of_the_first_and_the_newest_cell(run: tuple[str, dict[str, Any]]) -> None:
    out, figures = run
    assert [(g["tenants"], g["cell"], g["members"], g["repetitions"]) for g in figures["gates"]] == [
        (2, 1, 1, 1),
        (2, 2, 1, 1),
    ]
    for gate in figures["gates"]:
        assert 0 < gate["first_q1_ms"] <= gate["first_median_ms"] <= gate["first_q3_ms"]
        assert len(gate["first_ms"]) == len(gate["again_ms"]) == 1
        assert gate["again_median_ms"] > 0
    (goal,) = [g for g in figures["goals"] if g["name"].startswith("first statement of a gate login")]
    assert goal["name"] == "first statement of a gate login in cell 2 / in cell 1"
    assert (goal["of"], goal["bound"], goal["at_most"]) == ("2 tenants", 1.5, True)
    first, newest = (gate["first_ms"]["1"] for gate in figures["gates"])
    assert goal["value"] == pytest.approx(newest / first, rel=0.05)
    assert "set role of a gate login" in out


def test_page_has_the_gates_that_were_measured(run: tuple[str, dict[str, Any]]) -> None:
    _, figures = run
    with bench_on_the_path():
        from bench.page import page
    text = page("", figures)
    assert "### Gate" in text
    assert "\n| 2 | 2 | 1 | " in text
    assert "### Gate" not in page("", {**figures, "gates": []})


def test_writers_of_the_source_go_on(run: tuple[str, dict[str, Any]]) -> None:
    _, figures = run
    writer = figures["copy"]["writer"]
    assert all(w["commits"] > 0 for w in [writer["alone"], *writer["freehold"], *writer["by hand"]])


def test_under_opaque_naming_it_measures_an_installation_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    asked = "--only", "provision,claim,claim again", "--subjects", "freehold", "--keep", "--json", str(file)
    for naming in ("opaque", "slug"):
        told = subprocess.run(
            command(tmp_path / "home", "--naming", naming, *asked),
            cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert told.returncode == 0, told.stdout + told.stderr
        figures = json.loads(file.read_text())
        assert {m["operation"]: m["failure"] for m in figures["measurements"]} == {
            "provision": None, "claim": None, "claim again": None
        }  # fmt: skip
        assert figures["server"]["freehold.naming"] == naming
        with bench_on_the_path():
            from bench.page import page
        assert f"`freehold.naming = {naming}`" in page("", figures)
    assert {each.name for each in (tmp_path / "home").iterdir() if each.is_dir()} == {"fleet-2", "fleet-2-opaque"}


def test_interrupted_it_leaves_no_server(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(tmp_path / "home", "--tenants", "0", "--only", "provision", "--json", str(tmp_path / "figures.json")),
        cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if "warm-up" in line:
            process.send_signal(signal.SIGTERM)
            break
    said, _ = process.communicate()
    assert process.returncode == 130, said
    assert json.loads((tmp_path / "figures.json").read_text())["interrupted"] is True
    running = subprocess.run(["ps", "-ww", "-e", "-o", "args="], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in running


def test_page_quotes_the_reference_and_the_long_runs() -> None:
    with bench_on_the_path():
        from bench.page import APART, BEGIN, PAGE, REFERENCE, page
    text = PAGE.read_text(encoding="utf-8")
    for name, begin in {REFERENCE.name: BEGIN, **APART}.items():
        assert begin in text
        figures = json.loads((REFERENCE.parent / name).read_text(encoding="utf-8"))
        assert page(text, figures, begin) == text, "python -m bench.page"


@pytest.fixture(scope="module")
def context_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    directory = tmp_path_factory.mktemp("context")
    peers = [] if find_spec("django_tenants") else ["--subjects", "pooled,freehold,freeholdlogin,apart,shared"]
    told = subprocess.run(
        [sys.executable, "-m", "bench.context", "--tenants", "2", "--rounds", "1", "--seconds", "0.02", "--wide", "2",
         "--clients", "2", "--json", str(directory / "figures.json"), *peers],
        cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout, json.loads((directory / "figures.json").read_text())


def test_context_measures_every_case_of_every_subject(context_run: tuple[str, dict[str, Any]]) -> None:
    out, figures = context_run
    subjects = {"plain", "freehold, role", "freehold, login", "SET LOCAL apart", "RLS"}
    if find_spec("django_tenants"):
        subjects |= {"django-tenants", "psycopg, no pool"}
    cases = {(statements, clients, tenants) for statements in (1, 5) for clients in (1, 2) for tenants in (1, 2)}
    found = {(f["statements"], f["clients"], f["tenants"], f["subject"]): f for f in figures["transactions"]}
    assert found.keys() == {(s, c, t, subject) for s, c, t in cases for subject in subjects}
    for (s, c, t, subject), each in found.items():
        plain = found[s, c, t, "plain"]["samples"]["1"]
        assert each["per_second"] == each["samples"]["1"] > 0
        assert each["ratio"] == pytest.approx(each["samples"]["1"] / plain, rel=0.05), subject
    assert max(map(len, out.splitlines()[:-1])) <= 100


def test_context_judges_nearness_to_plain_and_to_rls(context_run: tuple[str, dict[str, Any]]) -> None:
    _, figures = context_run
    asked = {(g["name"], g["bound"]) for g in figures["goals"]}
    assert asked == {(f"{level} / plain", 0.9) for level in ("role", "login")} | {
        (f"{level} / RLS", 1.0) for level in ("role", "login")
    }
    for goal in figures["goals"]:
        assert goal["passed"] == (goal["value"] >= goal["bound"])


def test_context_looks_into_sessions(context_run: tuple[str, dict[str, Any]]) -> None:
    _, figures = context_run
    sessions = figures["sessions"]
    assert (sessions["tables"], sessions["schemas"]) == (20, 1)
    if sys.platform == "linux":
        assert sessions["kib_per_schema"] > 0
    for name in ("cold", "cold_ms", "warm_ms", "other", "login_ms"):
        median, low, high = sessions[name]
        assert 0 < low <= median <= high


def test_context_has_a_part_of_the_page(context_run: tuple[str, dict[str, Any]]) -> None:
    _, figures = context_run
    with bench_on_the_path():
        from bench.context.page import page
    text = page("", figures)
    for subject in ("plain", "freehold, role", "freehold, login", "RLS"):
        assert text.count(f"\n| {subject} |") == 2
    assert "| 1 client, 2 | 2 clients, 1 |" in text


def test_context_page_quotes_the_reference() -> None:
    with bench_on_the_path():
        from bench.context.page import REFERENCE, page
        from bench.page import PAGE
    text = PAGE.read_text(encoding="utf-8")
    assert page(text, json.loads(REFERENCE.read_text(encoding="utf-8"))) == text, "python -m bench.context.page"


@pytest.fixture(scope="module")
def rollout_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    directory = tmp_path_factory.mktemp("rollout")
    told = subprocess.run(
        [sys.executable, "-m", "bench.rollout", "--home", str(directory / "home"), "--tenants", "2", "--large", "3",
         "--rounds", "1", "--sample", "1", "--subjects", "bare loop,freehold,freehold 2 workers,yoyo",
         "--json", str(directory / "figures.json")],
        cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert not (directory / "home" / "fleet-2").exists(), "the data directory was left behind"
    return told.stdout, json.loads((directory / "figures.json").read_text())


def test_rollout_measures_every_subject(rollout_run: tuple[str, dict[str, Any]]) -> None:
    out, figures = rollout_run
    found = {(row["operation"], row["subject"]): row for row in figures["rollouts"]}
    subjects = ("bare loop", "freehold", "freehold 2 workers", "yoyo")
    expected = {(operation, subject) for operation in ("first", "apply") for subject in subjects}
    expected -= {("first", "freehold 2 workers")}
    expected |= {("undo", "bare loop"), ("undo", "freehold"), ("nothing to do", "yoyo")}
    assert found.keys() == expected
    for (operation, subject), row in found.items():
        assert row["tenants"] == (1 if subject == "yoyo" else 2)
        assert row["per_tenant_ms"][0] == pytest.approx(next(iter(row["samples_ms"].values())), rel=0.01)
        if operation != "nothing to do":
            bare = found[operation, "bare loop"]["per_tenant_ms"][0]
            assert row["ratio"][0] == pytest.approx(row["per_tenant_ms"][0] / bare, rel=0.05)
        assert (row["template_ms"] is not None) == subject.startswith("freehold")
    assert max(map(len, out.splitlines()[:-1])) <= 100


def test_rollout_looks_into_fleets(rollout_run: tuple[str, dict[str, Any]]) -> None:
    _, figures = rollout_run
    assert [(fleet["tenants"], fleet["template"]) for fleet in figures["fleets"]] == [(2, "plain20"), (3, "note")]
    for fleet in figures["fleets"]:
        for part in ("missing_ms", "create_ms", "status_ms", "check_ms"):
            median, low, high = fleet[part]
            assert 0 < low <= median <= high
        (mark,) = fleet["memory"]
        assert mark["tenants"] == fleet["tenants"]
        if sys.platform == "linux":
            assert mark["client_mib"] > 0
            assert mark["server_mib"] > 0


def test_rollout_judges_the_goals(rollout_run: tuple[str, dict[str, Any]]) -> None:
    _, figures = rollout_run
    asked = {(goal["name"], goal["of"], goal["bound"], goal["at_most"]) for goal in figures["goals"]}
    assert asked == {
        ("freehold / bare loop", "2 tenants", 2.0, True),
        ("freehold 2 workers / bare loop", "2 tenants", 2.0, True),
        ("yoyo / freehold, a tenant", "2 tenants", 20, False),
        ("nothing to do, ms a tenant", "2 tenants", 1.0, True),
        ("nothing to do, ms a tenant", "3 tenants", 1.0, True),
    }


def test_rollout_has_a_part_of_the_page(rollout_run: tuple[str, dict[str, Any]]) -> None:
    _, figures = rollout_run
    with bench_on_the_path():
        from bench.rollout.page import page
    text = page("", figures)
    assert text.count("\n| freehold | 2 | ") == 3
    assert "\n| 3 of note | " in text


def test_rollout_page_quotes_the_reference() -> None:
    with bench_on_the_path():
        from bench.page import PAGE
        from bench.rollout.page import REFERENCE, page
    text = PAGE.read_text(encoding="utf-8")
    assert page(text, json.loads(REFERENCE.read_text(encoding="utf-8"))) == text, "python -m bench.rollout.page"


def test_the_bench_of_row_audit(tmp_path: Path) -> None:
    figures = tmp_path / "audit.json"
    subprocess.run(
        [sys.executable, "-m", "bench.audit", "--home", str(tmp_path / "home"), "--rounds", "1", "--transactions", "20",
         "--rows", "300", "--json", str(figures)],
        cwd=ROOT, env=ENVIRONMENT, check=True, capture_output=True,
    )  # fmt: skip
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert [len(case["subjects"]) for case in found["cases"]] == [3] * 6
    assert len(found["goals"]) == 6


@pytest.fixture(scope="module")
def service_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    file = tmp_path_factory.mktemp("service") / "figures.json"
    told = subprocess.run(
        [sys.executable, "-m", "bench.service", "--tenants", "2", "--rounds", "1", "--seconds", "1", "--connections", "2",
         "--json", str(file)],
        cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout, json.loads(file.read_text())


def test_service_measures_both_for_each_sort_of_callers(service_run: tuple[str, dict[str, Any]]) -> None:
    out, figures = service_run
    assert [(case["callers"], case["connections"]) for case in figures["cases"]] == [("API keys", 2), ("tokens", 2)]
    for case in figures["cases"]:
        in_memory = ("by hand, keys in memory",) * (case["callers"] == "API keys")
        assert [*case["runs"]] == ["freehold", "by hand", *in_memory]
        for subject in case["runs"]:
            (run,) = case["runs"][subject]
            assert run["requests"] > 0
            assert (run["failed"], run["foreign"], run["broken"]) == (0, 0, 0)
            assert case["p50_ms"][subject][0] <= case["p99_ms"][subject][0]
    goals = {(goal["name"], goal["of"]): goal for goal in figures["goals"]}
    assert goals["freehold / by hand, requests per second", "tokens, 2 connections"]["bound"] == 0.85
    assert goals["answers with a foreign row", "all runs"]["passed"] is True
    assert max(map(len, out.splitlines()[:-1])) <= 100


def test_service_has_a_part_of_the_page(service_run: tuple[str, dict[str, Any]]) -> None:
    _, figures = service_run
    with bench_on_the_path():
        from bench.page import PAGE
        from bench.service.page import BEGIN, END, REFERENCE, page
    text, told = page("", figures), PAGE.read_text(encoding="utf-8")
    assert text.count("| freehold |") == text.count("| by hand |") == 2
    assert told.count(BEGIN) == told.count(END) == 1
    assert page(told, json.loads(REFERENCE.read_text(encoding="utf-8"))) == told, (
        "the page tells of the run that is kept"
    )
