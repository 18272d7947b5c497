from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from freehold import bundle
from freehold.cli import base, main, output
from freehold.cli.problem import exit_code
from freehold.embedded import Server
from freehold.errors import error_classes
from support.database import Database, Databases
from support.pages import ROOT

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    for name in os.environ:
        if name.startswith(("PG", "FREEHOLD")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FREEHOLD_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def where(databases: Databases) -> Iterator[Database]:
    with databases.clone() as database:
        control = database.control()
        control.template_create("default")
        control.template_apply("default", "create table ticket (id integer primary key, title text)")
        control.template_freeze("default")
        yield database


@pytest.fixture
def run(where: Database) -> Run:
    def run(*arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(main, ["--dsn", where.owner_dsn, *arguments], **options)

    return run


def done(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout) if result.stdout.lstrip().startswith(("{", "[")) else result.stdout


def slugs(result: Result) -> list[str]:
    return [row["slug"] for row in done(result)]


def table_names(database: Database, schema: str) -> list[str]:
    with database.connect(database.admin_dsn) as admin:
        rows = admin.execute("select tablename from pg_tables where schemaname = %s order by 1", (schema,))
        return [name for (name,) in rows]


def problem(result: Result) -> dict[str, Any]:
    error: dict[str, Any] = json.loads(result.stderr)["error"]
    return error


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def test_the_life_of_a_tenant(run: Run) -> None:
    options = ("--display-name", "Acme Ltd", "--external-id", "76.123.456-K", "--settings", '{"plan": "pro"}')
    row = done(run("tenant", "provision", "acme", *options, "--json"))
    assert (row["state"], row["display_name"], row["settings"]) == ("active", "Acme Ltd", {"plan": "pro"})
    assert done(run("tenant", "show", "acme", "--json")) == row
    assert "tenant acme-two is active" in done(run("tenant", "clone", "acme", "acme-two"))
    assert [t["slug"] for t in done(run("tenant", "list", "--json"))] == ["acme", "acme-two"]
    assert [t["slug"] for t in done(run("--json", "tenant", "list", "--after", "acme", "--max-rows", "1"))] == [
        "acme-two"
    ]
    assert "tenant acme-two is now acme-three" in done(run("tenant", "rename", "acme-two", "acme-three"))
    assert "is suspended" in done(run("tenant", "suspend", "acme", "--reason", "unpaid"))
    assert slugs(run("tenant", "list", "--state", "suspended", "--json")) == ["acme"]
    assert "is active" in done(run("tenant", "resume", "acme"))
    assert "kept until" in done(run("tenant", "retire", "acme", "--grace", "1 day"))
    assert problem(run("tenant", "erase", "acme", "--reason", "test", "--yes", "--json"))["code"] == "FH207"
    assert "is active" in done(run("tenant", "reinstate", "acme"))
    assert done(run("tenant", "drift", "acme", "--json")) == []
    assert done(run("drift", "--json")) == []
    for slug in ("acme", "acme-three"):
        done(run("tenant", "retire", slug, "--grace", "0"))
        erased = done(run("tenant", "erase", slug, "--reason", "test", "--yes", "--json"))
        assert (erased["kind"], erased["state"], erased["slug"]) == ("erase", "done", slug)
    kinds = [operation["kind"] for operation in done(run("operation", "list", "--slug", "acme", "--json"))]
    assert kinds[:2] == ["erase", "retire"]
    assert {"provision", "suspend", "resume", "reinstate"} <= set(kinds)


def test_templates(run: Run, tmp_path: Path) -> None:
    one, two = tmp_path / "1.sql", tmp_path / "2.sql"
    one.write_text("create table a (id integer primary key);")
    two.write_text("create table b (id integer primary key references a);")
    assert "template helpdesk is made" in done(run("template", "create", "helpdesk"))
    assert "2 files applied" in done(run("template", "apply", "helpdesk", str(one), str(two)))
    assert "1 file applied" in done(run("template", "apply", "helpdesk", "-", input="create table c ();"))
    assert "version 1" in done(run("template", "freeze", "helpdesk"))
    (row,) = [t for t in done(run("template", "list", "--json")) if t["name"] == "helpdesk"]
    assert (row["version"], row["tenants"], row["changed"]) == (1, 0, False)
    assert "dropped" in done(run("template", "drop", "helpdesk", "--yes"))


def test_one_bad_file_applies_none(run: Run, where: Database, tmp_path: Path) -> None:
    good, bad = tmp_path / "1.sql", tmp_path / "2.sql"
    good.write_text("create table half_done ();")
    bad.write_text("create table x (n nonsense);")
    result = run("template", "apply", "default", str(good), str(bad))
    assert result.exit_code == 1
    assert "error [42704]" in result.stderr
    assert table_names(where, "template_default") == ["ticket"]


def test_an_existing_schema_is_adopted(run: Run, where: Database) -> None:
    where.connect().execute(
        'create schema "Old App"; create table "Old App".t (); grant usage on schema "Old App" to freehold_owner'
    )
    assert "is made from schema Old App" in done(run("template", "adopt", "old", "Old App"))
    done(run("template", "drop", "old", "--yes"))


@pytest.mark.parametrize("name", ["nonesuch", "No Such", "a.b", 'qu"ote'])
def test_a_schema_that_does_not_exist_is_named(run: Run, name: str) -> None:
    error = problem(run("template", "adopt", "none", name, "--json"))
    assert (error["code"], error["kind"]) == ("FH106", "SchemaNotFound")
    assert f'"{name}"' in error["message"]
    assert run("template", "adopt", "none", name).exit_code == 3


def test_an_erased_tenant_is_told_from_one_that_never_was(run: Run) -> None:
    for number in (1, 2):
        done(run("tenant", "provision", "gone"))
        done(run("tenant", "retire", "gone", "--grace", "0"))
        assert "is erased" in done(run("tenant", "erase", "gone", "--reason", "test", "--yes"))
        result = run("tenant", "show", "gone")
        assert result.exit_code == 3
        assert (
            "2 tenants called gone are erased" if number == 2 else "tenant gone is erased, since 20"
        ) in result.stderr
        assert "hint: freehold tenant list --state erased --search gone" in result.stderr
    assert "gone" in done(run("tenant", "list", "--state", "erased"))
    assert "no tenant is called 'never'" in run("tenant", "show", "never").stderr


def test_a_slug_is_derived(run: Run) -> None:
    assert done(run("tenant", "slug", "76.123.456-K")) == "76123456k\n"


def test_what_was_fixed_at_install_is_not_passed_over(run: Run) -> None:
    for option, value in (("--naming", "opaque"), ("--role-prefix", "foo"), ("--schema-prefix", "foo_")):
        result = run("install", option, value)
        assert (result.exit_code, "was fixed at the first install" in result.stderr) == (4, True)


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("--json", "psql", "acme"), "--json"),
        (("psql", "acme", "--json"), "--json"),
        (("embedded", "psql", "--json"), "--json"),
        (("embedded", "psql", "--dsn", "x"), "--dsn"),
        (("--dsn", "x", "embedded", "start"), "--dsn"),
        (("embedded", "stop", "--dsn", "x"), "--dsn"),
        (("--json", "pgtap", "."), "--json"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(arguments: tuple[str, ...], option: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert f"takes no {option}: " in result.stderr


def test_a_bad_connection_string_is_bad_input() -> None:
    result = CliRunner().invoke(main, ["--dsn", "nonsense", "status"])
    assert result.exit_code == 2
    assert "hint: A connection string is" in result.stderr


def test_settings(run: Run) -> None:
    assert done(run("setting", "set", "retire_grace", "9 days")) == "retire_grace = 9 days\n"
    assert done(run("setting", "get", "retire_grace")) == "9 days\n"
    assert {"name", "value", "fixed", "description"} == set(done(run("setting", "list", "--json"))[0])
    assert run("setting", "get", "nonsense").exit_code == 3
    assert run("setting", "set", "schema_prefix", "x_").exit_code == 4


def test_a_failure_is_said_and_recorded(run: Run) -> None:
    done(run("tenant", "provision", "taken"))
    result = run("tenant", "provision", "taken")
    assert result.exit_code == 4
    assert re.match(r"error \[FH201\]: .+", result.stderr)
    assert result.stdout == ""
    error = problem(run("tenant", "provision", "taken", "--json"))
    assert (error["code"], error["kind"]) == ("FH201", "TenantExists")
    failed = done(run("operation", "list", "--slug", "taken", "--state", "failed", "--json"))
    assert [(f["kind"], f["error_code"]) for f in failed] == [("provision", "FH201")] * 2
    shown = done(run("operation", "show", str(failed[0]["id"])))
    assert "FH201" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (("tenant", "provision", "Not A Slug"), "FH001", 2),
        (("tenant", "show", "nobody"), "FH101", 3),
        (("operation", "show", "99999"), "FH103", 3),
        (("tenant", "provision", "acme", "--template", "none"), "FH102", 3),
        (("template", "create", "default"), "FH204", 4),
    ],
)
def test_exit_codes(run: Run, arguments: tuple[str, ...], code: str, exit_code: int) -> None:
    result = run(*arguments, "--json")
    assert problem(result)["code"] == code
    assert result.exit_code == exit_code


@pytest.mark.parametrize(("code", "cls"), error_classes().items())
def test_each_error_class_has_its_exit_code(code: str, cls: Any) -> None:
    assert exit_code(cls("message")) == cls.exit_code
    assert f"{cls.exit_code} " in str(main.help)


def test_bad_usage_exits_with_2() -> None:
    assert CliRunner().invoke(main, ["tenant", "provision"]).exit_code == 2
    assert CliRunner().invoke(main, ["nonsense"]).exit_code == 2
    bad = CliRunner().invoke(main, ["tenant", "provision", "acme", "--settings", "[1]", "--json"])
    assert bad.exit_code == 2
    assert "not a JSON object" in problem(bad)["message"]


def test_destruction_needs_yes_where_nobody_can_be_asked(run: Run) -> None:
    for arguments in (("tenant", "erase", "taken", "--reason", "x"), ("template", "drop", "default"), ("uninstall",)):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "--yes" in result.stderr


@pytest.mark.parametrize(("typed", "exit_code"), [("default\n", 4), ("defualt\n", 2), ("\n", 2)])
def test_destruction_needs_the_name_typed(
    run: Run, monkeypatch: pytest.MonkeyPatch, typed: str, exit_code: int
) -> None:
    monkeypatch.setattr(base, "_may_ask", lambda: True)
    done(run("tenant", "provision", f"uses-default-{exit_code}-{len(typed)}"))
    result = run("template", "drop", "default", input=typed)
    assert "Type default to go on" in result.stderr
    assert result.exit_code == exit_code
    assert ("FH205" in result.stderr) == (exit_code == 4)


def test_status(run: Run, where: Database) -> None:
    status = done(run("status", "--json"))
    assert (status["database"], status["role"]) == (where.name, "test_owner")
    assert "default" in status["templates"]
    shown = done(run("status"))
    assert re.search(r"^templates +1: default$", shown, re.MULTILINE)
    assert re.search(r"^tenants +\d+ active", shown, re.MULTILINE)
    assert run("status", env={"FREEHOLD_DSN": ""}).exit_code == 0


def test_a_database_without_freehold_says_so(where: Database) -> None:
    result = CliRunner().invoke(main, ["--dsn", where.server.dsn("postgres"), "tenant", "list"])
    assert result.exit_code == 1
    assert "freehold install" in result.stderr


@pytest.mark.parametrize(
    "dsn", ["host=h password=s3cret-x nonsense", "postgres//user:s3cret-x@host/db", "password='s3cret-x"]
)
def test_a_password_is_never_shown(dsn: str) -> None:
    for arguments in (["tenant", "list"], ["tenant", "list", "--json"], ["--help"]):
        result = CliRunner().invoke(main, ["--dsn", dsn, *arguments])
        assert "s3cret-x" not in result.output


def test_a_wrong_password_is_not_shown(where: Database) -> None:
    dsn = f"{where.owner_dsn} password='s3cret x'"
    result = CliRunner().invoke(main, ["--dsn", dsn, "status"])
    assert result.exit_code == 1
    assert "s3cret" not in result.output


def test_where_the_database_is(where: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = CliRunner().invoke(main, ["tenant", "list"])
    assert nowhere.exit_code == 1
    assert "hint: freehold embedded start" in nowhere.stderr
    monkeypatch.setenv("FREEHOLD_DSN", where.owner_dsn)
    assert CliRunner().invoke(main, ["status"]).exit_code == 0
    monkeypatch.setenv("FREEHOLD_DSN", "host=127.0.0.1 port=1")
    assert CliRunner().invoke(main, ["status", "--dsn", where.owner_dsn]).exit_code == 0
    monkeypatch.delenv("FREEHOLD_DSN")
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", "1")
    assert "refused" in CliRunner().invoke(main, ["status"]).stderr


def freehold(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "freehold", *arguments], capture_output=True, text=True, check=False, **options
    )


def test_psql_is_the_tenant(where: Database, run: Run) -> None:
    if not where.control().tenant_list(search="taken"):
        done(run("tenant", "provision", "taken"))
    query = "insert into ticket values (1, 'x'); select current_user, current_schemas(false), count(*) from ticket"
    said = freehold("psql", "taken", "--dsn", where.admin_dsn, "-At", "-c", query)
    assert said.returncode == 0, said.stderr
    assert said.stdout == "INSERT 0 1\ntenant_taken_rw|{tenant_taken}|1\n"
    denied = freehold("psql", "taken", "--dsn", where.admin_dsn, "-c", "drop table ticket")
    assert "must be owner" in denied.stderr
    assert freehold("psql", "nobody", "--dsn", where.admin_dsn).returncode == 3
    refused = freehold("psql", "taken", "--dsn", where.owner_dsn)
    assert refused.returncode == 5
    assert refused.stderr.splitlines() == [
        "error [FH303]: test_owner may not act as tenant taken",
        "  hint: freehold gate grant test_owner --cell 1",
    ]
    done(run("gate", "grant", "test_owner", "--cell", "1"))
    assert (
        freehold("psql", "taken", "--dsn", where.owner_dsn, "-Atc", "select current_user").stdout == "tenant_taken_rw\n"
    )
    done(run("tenant", "suspend", "taken", "--reason", "invoice unpaid"))
    suspended = freehold("psql", "taken", "--dsn", where.owner_dsn)
    assert suspended.returncode == 5
    assert suspended.stderr.splitlines() == [
        "error [FH302]: tenant taken is suspended",
        "  detail: invoice unpaid",
        "  hint: freehold tenant resume taken",
    ]
    done(run("tenant", "retire", "taken"))
    retired = freehold("psql", "taken", "--dsn", where.owner_dsn)
    assert (retired.returncode, "freehold tenant reinstate taken" in retired.stderr) == (4, True)
    assert "is suspended" in done(run("tenant", "reinstate", "taken"))
    done(run("tenant", "resume", "taken"))
    done(run("gate", "revoke", "test_owner"))
    assert freehold("psql", "taken", "--dsn", where.owner_dsn).returncode == 5


def test_the_shell_completes_as_the_page_says() -> None:
    page = (ROOT / "docs" / "how-to" / "install.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^eval .*$", page, re.MULTILINE)
    asked = 'COMP_WORDS=(freehold tenant pro); COMP_CWORD=2; _freehold_completion freehold; echo "${COMPREPLY[@]}"'
    there = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    said = subprocess.run(["bash", "-c", f"{line}\n{asked}"], capture_output=True, text=True, check=True, env=there)
    assert said.stdout == "provision\n"


def test_sql_prints_the_bundle(where: Database) -> None:
    assert freehold("sql").stdout == bundle.install_bundle().text
    assert freehold("sql", "--uninstall").stdout == bundle.uninstall_bundle().text


def test_the_embedded_server() -> None:
    try:
        assert json.loads(freehold("embedded", "status", "--json").stdout)["state"] == "stopped"
        assert "started" in freehold("embedded", "start").stdout
        row = json.loads(freehold("embedded", "start", "--json").stdout)
        assert row["state"] == "running"
        assert "password" not in json.dumps(row)
        assert freehold("embedded", "psql", "-Atc", "select current_user").stdout == "operator\n"
        where = "select current_user, current_database()"
        assert (
            freehold("embedded", "psql", "--superuser", "-d", "postgres", "-Atc", where).stdout == "postgres|postgres\n"
        )
        # With nothing else named, it is where commands go.
        assert "installed in database freehold" in freehold("install").stdout
        assert json.loads(freehold("status", "--json").stdout)["role"] == "operator"
        assert freehold("uninstall", "--yes").returncode == 0
        assert "stopped" in freehold("embedded", "stop").stdout
        assert "was not running" in freehold("embedded", "stop").stdout
        assert "hint: freehold embedded start" in freehold("embedded", "psql").stderr
    finally:
        Server().stop()


def test_pgtap(where: Database, tmp_path: Path) -> None:
    text = "begin;\nset local search_path = tap, public;\nselect plan(1);\nselect {}(true, 'it is');\nrollback;\n"
    (tmp_path / "a.sql").write_text(text.format("ok"))
    good = freehold("pgtap", str(tmp_path), "--dsn", where.owner_dsn, "-q")
    assert good.returncode == 0, good.stdout + good.stderr
    assert "1 passed" in good.stdout
    (tmp_path / "a.sql").write_text(text.replace("true", "false").format("ok"))
    bad = freehold("pgtap", str(tmp_path / "a.sql"), "--dsn", where.owner_dsn)
    assert bad.returncode == 1
    assert "a.sql:4: not ok 1 - it is" in bad.stdout


def test_ctrl_c_ends_cleanly(where: Database) -> None:
    with where.connect(where.admin_dsn) as holder:
        holder.execute("begin; lock table freehold.tenant in access exclusive mode")
        process = subprocess.Popen(
            [sys.executable, "-m", "freehold", "tenant", "list", "--dsn", where.owner_dsn],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            # The test itself may run where the signal is ignored, as in a shell's background.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        with where.server.connect() as admin:
            waiting = "select count(*) from pg_locks where not granted"
            deadline = time.monotonic() + 30
            while admin.execute(waiting).fetchone() != (1,):
                assert time.monotonic() < deadline
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            said, complaint = process.communicate(timeout=30)
            holder.execute("rollback")
            assert (process.returncode, said, complaint.strip()) == (130, "", "error: interrupted")
            deadline = time.monotonic() + 30
            while admin.execute(waiting).fetchone() != (0,):
                assert time.monotonic() < deadline
                time.sleep(0.02)


def test_an_answer_that_nobody_reads_is_no_traceback(where: Database) -> None:
    command = f"{sys.executable} -m freehold sql | head -1"
    piped = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert piped.stdout.startswith("--")
    assert "Traceback" not in piped.stderr


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_tables_fit_the_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(output, "console", lambda **_: Console(width=columns, highlight=False))
    rows = [{"slug": "a" * 40, "schema_name": "tenant_" + "a" * 40, "display_name": "An Example Company of Some Name"}]
    output.print_table(rows, "none")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    # Folded, not cut, and no space at the end of a line.
    assert sum(line.count("a") for line in lines[2:]) == 84
    assert lines == [line.rstrip() for line in lines]


def test_a_document_is_folded_before_names_and_times(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(output, "console", lambda **_: Console(width=60, highlight=False))
    at = datetime(2026, 11, 29, 13, 26, 32)
    rows = [{"at": at, "kind": "tenant_provision.done", "detail": {"fingerprint": "0123456789" * 4, "version": 1}}]
    output.print_table(rows, "none")
    out = capsys.readouterr().out
    assert "tenant_provision.done" in out
    assert "2026-11-29" in out
    # A time has its words whole even where names have to be broken.
    output.print_table([{f"time {n}": at for n in range(3)} | {"name": "x" * 60}], "none")
    out = capsys.readouterr().out
    assert out.count("2026-11-29") == out.count("13:26:32") == 3


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_output_into_a_pipe_is_as_wide_as_columns_says(run: Run, where: Database, columns: int) -> None:
    if not where.control().tenant_list(search="globex"):
        row = where.control().tenant_provision("globex-international", display_name="Globex Foods International Ltd")
        with where.connect(where.admin_dsn) as admin:
            admin.execute(
                f"alter table {row['schema_name']}.ticket add column remark text default 'none of it' not null"
            )
    for arguments in (
        ("tenant", "list"), ("operation", "list"), ("template", "list"), ("setting", "list"), ("drift", "--all"),
        ("tenant", "drift", "globex-international"), ("tenant", "show", "globex-international"),
    ):  # fmt: skip
        said = done(run(*arguments, env={"COLUMNS": str(columns)}))
        assert max(map(len, said.splitlines())) <= columns, said
        unfolded = done(run(*arguments))
        assert sorted(re.sub(r"[\s─]", "", said)) == sorted(re.sub(r"[\s─]", "", unfolded))


def test_usual_lists_need_no_folding_in_80_columns(run: Run, where: Database) -> None:
    for arguments in (
        ("tenant", "list", "--search", "taken"),
        ("operation", "list", "--slug", "taken"),
        ("template", "list"),
    ):
        said = done(run(*arguments, env={"COLUMNS": "80"}))
        assert len(said.splitlines()) == len(done(run(*arguments)).splitlines()), said


def test_an_event_keeps_its_kind_whole_in_80_columns(run: Run, where: Database) -> None:
    where.control().limit_set("taken", "idle_in_transaction_session_timeout", "5s")
    where.control().limit_reset("taken")
    said = done(run("event", "list", "--slug", "taken", env={"COLUMNS": "80"}))
    kinds = [row["kind"] for row in where.control().event_list(slug="taken")]
    assert "limit_reset.done" in kinds
    assert all(kind in said for kind in kinds)
    assert 'names=["idle_in_transaction_session_timeout"]' in re.sub(r"\s", "", said)
    assert max(map(len, said.splitlines())) <= 80


def test_lists_and_whole_numbers_are_written_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table([{"key": ["id", "at"], "mask": [], "value": 2.0, "share": 0.5, "held": [{"id": 1}]}], "none")
    assert capsys.readouterr().out.splitlines()[2].split() == ["id,", "at", "-", "2", "0.5", '[{"id":', "1}]"]


@pytest.mark.parametrize(
    ("arguments", "function"),
    [(("tenant", "get"), "tenant_get"), (("tenant_get",), "tenant_get"), (("rollout", "get"), "rollout_get"), (("template", "adopt-step"), "template_adopt_step")],
)  # fmt: skip
def test_a_function_without_a_command_is_named(run: Run, arguments: tuple[str, ...], function: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert f"Hint: freehold call {function}\n" in result.output
    assert json.loads(run(*arguments, "--json").output)["error"]["hint"] == f"freehold call {function}"
    assert "Hint" not in run(*arguments[:-1], "nothing").output


def test_tasks_are_listed_in_80_columns_with_their_names(run: Run, where: Database) -> None:
    where.control().task_run("statistics")
    where.control().task_set("signup", enabled=False)
    said = done(run("task", "list", env={"COLUMNS": "80"}))
    assert {row["name"] for row in where.control().task_list()} <= {
        line.split()[0] for line in said.splitlines() if line.split()
    }
    assert re.search(r"^signup +off ", said, re.MULTILINE)
    where.control().task_set("signup", enabled=True)


def test_a_difference_is_shown_below_itself(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_differences(
        [
            {"change": "different", "kind": "table", "identity": "t", "expected": "create a", "actual": "create b"},
            {"change": "extra", "kind": "index", "identity": "t_x", "expected": None, "actual": "create c"},
        ],
        "none",
    )
    assert capsys.readouterr().out.splitlines() == [
        "different table t",
        "  expected  create a",
        "  actual    create b",
        "extra index t_x",
        "  actual  create c",
    ]


def test_output_into_a_pipe_is_not_cut_off(run: Run, where: Database) -> None:
    name = "A display name that is longer than any terminal is wide, " * 3
    control = where.control()
    control.tenant_provision("wide", display_name=name)
    assert name.strip() in done(run("tenant", "list", "--search", "wide"))


@pytest.mark.parametrize(("path", "command"), [pytest.param(*c, id=" ".join(c[0])) for c in [*commands(), ((), main)]])
def test_every_command_explains_itself(path: tuple[str, ...], command: click.Command) -> None:
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    assert command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))
    if isinstance(command, click.Group):
        assert "Examples:" in result.output
    else:
        for option in command.params:
            assert not isinstance(option, click.Option) or option.hidden or option.opts[-1] in result.output
        assert {"--dsn", "--json"} <= {name for option in command.params for name in option.opts}


@pytest.mark.parametrize(("path", "command"), [pytest.param(*c, id=" ".join(c[0])) for c in [*commands(), ((), main)]])
def test_help_fits_80_columns_and_is_whole(path: tuple[str, ...], command: click.Command) -> None:
    lines = CliRunner().invoke(main, [*path, "--help"], terminal_width=80).output.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines[1:] if line.endswith("...")] == []
