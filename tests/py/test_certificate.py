"""Certificates of erasure: what they say, when they are issued, and that nobody can change one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import rfc8785
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from freehold import errors, keys
from freehold.cli import main
from freehold.control import Control
from freehold.erasure import certificates, ledger
from freehold.signing import NotAuthentic, private_key, public_key
from support.database import Database

SLUG = "quagga"
TEXTS = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]))
# Keys of the basic plane, as all of freehold's are.
NAMES = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"], max_codepoint=0xFFFF))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=10,
)
Run = Callable[..., Result]


@pytest.fixture
def ready(control: Control) -> Control:
    control.template_create("default")
    control.template_apply(
        "default", "create table item (id int primary key); insert into item select generate_series(1, 7)"
    )
    control.template_freeze("default")
    return control


@pytest.fixture
def erased(ready: Control) -> str:
    return erase(ready)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "erasure.key"
    keys.generate(path)
    return path


@pytest.fixture
def run(database: Database) -> Run:
    return lambda *arguments: CliRunner().invoke(main, ["--dsn", database.owner_dsn, *map(str, arguments)])


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Without a database, and without anything that names one."""
    for name in ("PGHOST", "PGSERVICE", "PGDATABASE", "PGUSER", "FREEHOLD_DSN"):
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments: CliRunner().invoke(main, [*map(str, arguments)])


def erase(control: Control, slug: str = SLUG) -> str:
    """Returns the tenant's id."""
    tenant = control.tenant_provision(slug, display_name="Quagga Ltd")
    control.tenant_retire(slug, grace="0 days")
    control.tenant_erase(slug, "request 4711")
    return str(tenant["id"])


def after(admin: psycopg.Connection[Any], interval: str) -> None:
    admin.execute("update freehold.setting set value = %s where name = 'clock_offset'", (interval,))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES)
def test_the_database_has_the_same_canonical_form(connection: psycopg.Connection[Any], value: Any) -> None:
    connection.execute("set role freehold_owner")
    row = connection.execute("select freehold._json_canonical(%s)", (Jsonb(value),)).fetchone()
    assert row is not None
    assert row[0].encode() == rfc8785.dumps(value)


@pytest.fixture
def connection(admin: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    return admin


def test_what_it_says(ready: Control, admin: psycopg.Connection[Any], erased: str) -> None:
    content = ready.erasure_certificate(erased)
    text = json.dumps(content)
    assert "Quagga Ltd" not in text
    assert SLUG not in text
    assert certificates.names(content, SLUG)
    assert not certificates.names(content, "other")
    scope = {each["item"]: (each["before"], each["after"]) for each in content["scope"]}
    assert (scope["rows"], scope["schemas"], scope["roles"]) == ((7, 0), (1, 0), (2, 0))
    assert {after for _, after in scope.values()} == {0}
    assert all(each["method"] for each in content["scope"])
    assert content["erasure"]["reason"] == "request 4711"
    assert content["residue"]["found"] == []
    # What nobody said is not known, and no horizon is made up.
    assert [each["known"] for each in content["exclusions"]] == [False] * 4
    assert content["horizon"] is None
    assert "destroyed" not in text
    assert {each["table"] for each in content["remains"]} >= {"freehold.tenant", "freehold.operation", "freehold.event"}
    event = admin.execute(
        "select detail, tenant_id::text from freehold.event where kind = 'erasure_certificate'"
    ).fetchall()
    assert [(e["stage"], e["sha256"], tenant) for e, tenant in event] == [(1, certificates.digest(content), erased)]


def test_it_is_issued_once(ready: Control, database: Database, erased: str) -> None:
    first = ready.erasure_certificate(erased)
    ready.setting_set("backup_retention", "1 day")
    assert database.control().erasure_certificate(erased) == first
    for other, failure in (
        ("00000000-0000-0000-0000-000000000000", errors.ErasureNotFound),
        (ready.tenant_provision("live")["id"], errors.ErasureNotFound),
    ):
        with pytest.raises(failure):
            ready.erasure_certificate(other)
    for stage in (0, 3):
        with pytest.raises(errors.InvalidArgument):
            ready.erasure_certificate(erased, stage)


def test_the_second_stage_waits_for_the_longest_period(ready: Control, admin: psycopg.Connection[Any]) -> None:
    ready.setting_set("backup_retention", "35 days")
    ready.setting_set("wal_retention", "7 days")
    ready.setting_set("log_retention", "0")
    erased = erase(ready)
    with pytest.raises(errors.ErasureOpen):
        ready.erasure_certificate(erased, 2)
    first = ready.erasure_certificate(erased)
    assert first["horizon"] is None
    assert {e["place"]: e["known"] for e in first["exclusions"]}["replicas and snapshots of disks"] is False
    after(admin, "36 days")
    with pytest.raises(errors.HorizonAhead) as caught:
        ready.erasure_certificate(erased, 2)
    assert "replicas" in str(caught.value.diag.message_detail)
    ready.setting_set("replica_retention", "1 hour")
    # A period that was named is not shortened afterwards.
    ready.setting_set("backup_retention", "0")
    after(admin, "34 days")
    with pytest.raises(errors.HorizonAhead) as caught:
        ready.erasure_certificate(erased, 2)
    assert "backups" in str(caught.value.diag.message_detail)
    # But lengthened.
    ready.setting_set("wal_retention", "50 days")
    after(admin, "36 days")
    with pytest.raises(errors.HorizonAhead):
        ready.erasure_certificate(erased, 2)
    after(admin, "51 days")
    second = ready.erasure_certificate(erased, 2)
    assert second["stage"] == "physical"
    assert second["logical"]["sha256"] == certificates.digest(first)
    assert ready.erasure_list()[0]["certificate"] == "physical"
    for bad in ("-1 day", "soon", "infinity"):
        with pytest.raises(errors.InvalidArgument):
            ready.setting_set("backup_retention", bad)


def test_every_changed_byte_is_found(ready: Control, erased: str, key: Path) -> None:
    public = public_key(key.with_name("erasure.key.pub").read_bytes())
    data = certificates.sign(ready.erasure_certificate(erased), private_key(key.read_bytes()))
    assert certificates.verify(data, public)["tenant"]["id"] == erased
    for position in range(len(data)):
        for bit in (1, 32):
            changed = data[:position] + bytes([data[position] ^ bit]) + data[position + 1 :]
            with pytest.raises(NotAuthentic):
                certificates.verify(changed, public)


def test_the_command_line_signs_and_verifies(
    run: Run, offline: Run, ready: Control, admin: Any, tmp_path: Path
) -> None:
    key, out = tmp_path / "k", tmp_path / "acme.json"
    assert offline("key", "generate", "--out", key).exit_code == 0
    assert offline("key", "generate", "--out", key).exit_code == 4
    for name in ("backup", "wal", "replica", "log"):
        assert run("setting", "set", f"{name}_retention", "1 day").exit_code == 0
    tenant = ready.tenant_provision("acme")
    assert run("hold", "set", "acme", "--reason", "court").exit_code == 0
    ready.tenant_retire("acme", grace="0 days")
    held = run("tenant", "erase", "acme", "--reason", "request 4711", "--yes")
    assert (held.exit_code, "hint: freehold hold list acme" in held.stderr) == (4, True), held.stderr
    assert "request 4711" in run("hold", "list").stdout
    assert run("hold", "release", "acme", "--reason", "settled").exit_code == 0
    assert run("eraser", "register", "paper", "--description", "the binder").exit_code == 0
    book = tmp_path / "ledger.jsonl"
    assert run("tenant", "erase", "acme", "--reason", "r", "--yes", "--ledger", book).exit_code == 2
    assert ready.tenant_get("acme")["state"] == "retired"
    # A ledger of another's is found before anything is gone.
    keys.generate(tmp_path / "another")
    ledger.append(
        book,
        private_key((tmp_path / "another").read_bytes()),
        [ledger.Entry(tenant["id"], tenant["created_at"], None)],
        "x",
    )
    refused = run("tenant", "erase", "acme", "--reason", "r", "--yes", "--ledger", book, "--key", key)
    assert (refused.exit_code, "line 1" in refused.stderr) == (7, True), refused.stderr
    assert ready.tenant_get("acme")["state"] == "retired"
    book.unlink()
    erased = run("tenant", "erase", "acme", "--reason", "r", "--yes", "--ledger", book, "--key", key)
    assert erased.exit_code == 0, erased.stderr
    assert "open: paper" in erased.stdout
    assert f"freehold erasure certificate {tenant['id']}" in erased.stdout
    signed = ("erasure", "certificate", "acme", "--key", key, "--out", out)
    early = run(*signed)
    assert (early.exit_code, "paper" in early.stderr, "freehold erasure tasks acme" in early.stderr) == (4, True, True)
    (task,) = json.loads(run("erasure", "tasks", "acme", "--open", "--json").stdout)
    assert run("erasure", "done", task["operation_id"], "paper", "--erased", "pages=3").exit_code == 0
    assert run(*signed).exit_code == 0
    assert run(*signed).exit_code == 4, "no file is overwritten"
    check = ("erasure", "verify", out, "--public-key", tmp_path / "k.pub")
    said = offline(*check, "--slug", "acme")
    assert said.exit_code == 0, said.stderr
    assert str(tenant["id"]) in said.stdout
    assert offline(*check, "--slug", "other").exit_code == 7
    assert "takes no --dsn" in offline(*check, "--dsn", "x").stderr
    assert run("erasure", "certificate", "acme", "--stage", 2, "--key", key).exit_code == 4
    after(admin, "2 days")
    final = tmp_path / "final.json"
    assert run("erasure", "certificate", tenant["id"], "--stage", 2, "--key", key, "--out", final).exit_code == 0
    last = ("erasure", "verify", final, "--public-key", tmp_path / "k.pub", "--logical", out)
    assert offline(*last).exit_code == 0
    # Another certificate of stage 1 is not the one it names.
    other = tmp_path / "other.json"
    content = certificates.verify(out.read_bytes(), public_key((tmp_path / "k.pub").read_bytes()))
    other.write_bytes(certificates.sign(content | {"issued_by": "x"}, private_key(key.read_bytes())))
    assert offline(*last[:-1], other).exit_code == 7
    out.write_bytes(out.read_bytes().replace(b"request 4711", b"request 4712"))
    changed = offline(*check)
    assert (changed.exit_code, "not that of its content" in changed.stderr) == (7, True)
    assert offline("erasure", "verify", tmp_path / "missing", "--public-key", tmp_path / "k.pub").exit_code == 2
    assert offline("erasure", "verify", out, "--public-key", key).exit_code == 2
    # The line that was written before the certificate is followed by one with it.
    assert "1 lines" in run("erasure", "ledger", "--out", book, "--key", key).stdout
    assert "0 lines" in run("erasure", "ledger", "--out", book, "--key", key).stdout
    entries = ledger.read(book, public_key((tmp_path / "k.pub").read_bytes()))
    assert [entry.certificate is None for entry in entries] == [True, False]


def test_clones_that_have_its_rows_are_named(database: Database) -> None:
    control = database.control()
    control.template_create("default")
    control.template_freeze("default")
    control.tenant_provision("source")
    clones = {}
    for origin, name, data, mask in (
        ("source", "whole", True, False), ("source", "empty", False, False), ("source", "masked", True, True),
        ("source", "gone", True, False), ("gone", "second", True, False), ("masked", "third", True, False),
    ):  # fmt: skip
        clones[name] = str(control.tenant_clone(origin, name, with_data=data, mask=mask)["id"])
    content = {}
    for slug in ("gone", "source"):
        tenant = control.tenant_retire(slug, grace="0")["id"]
        for _ in range(20):
            if control.tenant_erase_step(slug, "asked for")["state"] != "running":
                break
        content = control.erasure_certificate(tenant)
    assert {each["tenant_id"]: each["masked"] for each in content["copies"]} == {
        clones["whole"]: False, clones["masked"]: True, clones["second"]: False, clones["third"]: True,
    }  # fmt: skip
