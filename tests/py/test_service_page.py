"""The page about the service: its settings are those there are, and its commands and requests do what it says."""

from __future__ import annotations

import inspect
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from fastapi import APIRouter
from pydantic import SecretStr

from freehold.cli import main
from freehold.http import Settings
from support.callers import fleet
from support.database import Database
from support.patience import until
from support.service import TestService, key, running

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "service.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def table() -> list[str]:
    """The rows of the page's table of settings, as the class has them."""
    text = inspect.getdoc(Settings) or ""
    told = dict(re.findall(r"^    (\w+): (.*?)(?=^    \w+: |\Z)", text.partition("Attributes:\n")[2], re.M | re.S))
    rows = []
    for name, field in Settings.model_fields.items():
        default: Any = field.get_default(call_default_factory=True)
        shown = "" if default in ("", None, []) or name == "dsn" else str(default)
        shown = shown.lower() if isinstance(default, bool) else shown.removesuffix(".0")
        words = " ".join(told[name].split()).replace("``", "`")
        rows.append(f"| `FREEHOLD_{name.upper()}` | {f'`{shown}`' if shown else ''} | {words} |")
    return rows


def test_the_table_has_every_setting_as_it_is() -> None:
    assert re.findall(r"^\| `FREEHOLD_.*$", PAGE, re.MULTILINE) == table()


@pytest.fixture
def served(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[TestService, str]]:
    """The commands that come before the service, and it, by the login that they prepared."""
    fleet(database, "acme")
    monkeypatch.setenv("FREEHOLD_DSN", database.owner_dsn)
    dsn = database.login_dsn("service")
    token = ""
    for command in blocks("console")[0].splitlines():
        words = shlex.split(command.removeprefix("$ "), comments=True)
        if words[0] != "freehold" or words[1] == "serve":
            continue
        done = CliRunner().invoke(main, [*words[1:], "--json"])
        assert done.exit_code == 0, (command, done.output)
        token = json.loads(done.stdout).get("token", token)
    monkeypatch.setenv("FREEHOLD_DSN", dsn)
    with running(database, dsn=dsn, stream_interval=0.02) as service:
        yield service, token


def test_the_requests_run_as_they_stand(served: tuple[TestService, str], tmp_path: Path) -> None:
    service, token = served
    environment = {"PATH": os.environ["PATH"], "KEY": token, "URL": service.url, "HOME": str(tmp_path)}
    answers = []
    for command in blocks("console")[1].replace("\\\n", " ").splitlines():
        done = subprocess.run(
            ["sh", "-c", command.removeprefix("$ ")], env=environment, capture_output=True, text=True, timeout=60
        )
        # A stream does not end by itself: curl is told to stop.
        assert done.returncode in (0, 28), (command, done.stdout, done.stderr)
        answers.append(done.stdout)
    assert json.loads(answers[0])[0]["slug"] == "acme"
    assert json.loads(answers[1])["state"] == "active"
    assert answers[2].startswith("HTTP/1.1 412")
    assert "HTTP/1.1 202" in answers[3]
    assert "/v1/operation_get?id=" in answers[3]
    assert "event: change" in answers[4]
    assert "freehold_tenants{" in answers[5]


def test_the_routes_of_an_application_are_as_the_page_writes_them(database: Database) -> None:
    fleet(database, "acme")
    (code,) = blocks("python")
    assert "create_app(tenant_router=router)" in code
    scope: dict[str, Any] = {}
    exec(code.replace("app = create_app(tenant_router=router)", ""), scope)
    router = scope["router"]
    assert isinstance(router, APIRouter)
    with running(database, tenant_router=router) as service:
        paths = service.client().get("/openapi.json").json()["paths"]
    assert {"/t/{slug}/notes/{number}", "/tenant/notes/{number}"} <= set(paths)


def test_it_serves_as_a_process_and_ends_when_it_is_told_to(database: Database, tmp_path: Path) -> None:
    """``freehold serve`` itself, two processes, its logs on standard error."""
    fleet(database, "acme")
    CliRunner().invoke(main, ["--dsn", database.owner_dsn, "service", "grant", "service"], catch_exceptions=False)
    dsn = database.login_dsn("service")
    done = CliRunner().invoke(main, ["--dsn", database.owner_dsn, "service", "grant", "service"])
    assert done.exit_code == 0, done.output
    log = tmp_path / "log"
    environment = os.environ | {"FREEHOLD_DSN": dsn, "FREEHOLD_METRICS": "open"}
    with log.open("w") as file, subprocess.Popen(
        [sys.executable, "-c", "from freehold.cli import main; main()", "serve", "--port", "0", "--workers", "2"],
        env=environment, stderr=file,
    ) as process:  # fmt: skip
        try:
            until(lambda: "running on" in log.read_text() or process.poll() is not None)
            found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
            assert found is not None, log.read_text()
            with httpx.Client(base_url=found[0], timeout=30) as client:
                # On a busy machine uvicorn takes one that is slow to begin for dead, and starts another.
                until(lambda: log.read_text().count("Application startup complete") >= 2)
                assert client.get("/ready").status_code == 200
                assert "freehold_up 1.0" in client.get("/metrics").text
                client.get("/nothing")
            process.terminate()
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [each["status"] for each in lines if each["event"] == "request"] == [404]


def test_a_login_without_gates_and_one_without_groups_serve_and_are_no_breach(database: Database) -> None:
    fleet(database, "acme")
    dsn, tenants = database.login_dsn("apart"), database.login_dsn("inside")
    owner = database.connect()
    owner.execute("grant freehold_resolver to inside")
    owner.execute("select freehold.gate_grant('inside')")

    def breaches() -> set[str]:
        return {row["role_name"] for row in database.control().isolation_check() if row["verdict"] == "breach"}

    for options, found in (((), {"apart"}), (("--no-gates",), set())):
        done = CliRunner().invoke(main, ["--dsn", database.owner_dsn, "service", "grant", "apart", *options])
        assert done.exit_code == 0, done.output
        if options:
            owner.execute("select freehold.gate_revoke('apart')")
        assert breaches() & {"apart", "inside"} == found
    with running(database, dsn=dsn, tenants_dsn=SecretStr(tenants)) as service:
        operator, tenant = key(database, "admin"), key(database, name="acme", slugs=["acme"])
        assert service.client(operator).get("/v1/tenant_get", params={"slug": "acme"}).status_code == 200
        assert service.client(tenant).get("/t/acme/v1/tenant_current").json() == "acme"


def test_a_port_that_is_taken_is_no_tenant_that_is_not_found(database: Database) -> None:
    with running(database) as service:
        dsn = database.login_dsn("second")
        CliRunner().invoke(main, ["--dsn", database.owner_dsn, "service", "grant", "second"], catch_exceptions=False)
        done = subprocess.run(
            [sys.executable, "-c", "from freehold.cli import main; main()", "serve", "--port", service.url.rpartition(":")[2]],
            env=os.environ | {"FREEHOLD_DSN": dsn}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "Address already in use; --port names another" in done.stderr
    # Before a keeper, or anything else, had begun.
    assert "{" not in done.stderr
