"""The ledger of erasures, and what a restore brings back."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from freehold import bundle, errors, keys
from freehold.binaries import find_client
from freehold.cli import main
from freehold.control import Control
from freehold.embedded import Server
from freehold.erasure import ledger
from freehold.erasure.ledger import Entry
from freehold.signing import NotAuthentic
from support.database import Database

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
AT = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=timezone.utc)


def entry(number: int, certificate: str | None = None) -> Entry:
    return Entry(UUID(int=number), AT + timedelta(days=number), certificate)


def write(path: Path, *entries: Entry) -> int:
    return ledger.append(path, KEY, entries, "crm")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    assert write(path, entry(1), entry(2, "ab")) == 2
    assert write(path, entry(1), entry(2), entry(3)) == 1
    assert write(path, entry(1, "cd")) == 1
    assert write(path, entry(1), entry(1, "cd")) == 0
    assert ledger.read(path, KEY.public_key()) == [entry(1), entry(2, "ab"), entry(3), entry(1, "cd")]


def test_every_changed_byte_is_found(tmp_path: Path) -> None:
    path, public = tmp_path / "ledger", KEY.public_key()
    write(path, *map(entry, range(1, 4)))
    data = path.read_bytes()
    for position in range(len(data)):
        changes = [data[:position] + bytes([data[position] ^ bit]) + data[position + 1 :] for bit in (1,)]
        for changed in (*changes, data[:position] + data[position + 1 :]):
            path.write_bytes(changed)
            with pytest.raises(NotAuthentic):
                ledger.read(path, public)
    lines = data.splitlines(keepends=True)
    for order in ((1, 2), (0, 2), (1, 0, 2), (0, 0, 1, 2), (0, 2, 1), (2,)):
        path.write_bytes(b"".join(lines[number] for number in order))
        with pytest.raises(NotAuthentic, match="a line is missing before it, or it was moved"):
            ledger.read(path, public)
    path.write_bytes(data)
    with pytest.raises(NotAuthentic, match="line 1"):
        ledger.append(path, Ed25519PrivateKey.generate(), [entry(9)], "crm")
    assert path.read_bytes() == data


def test_a_line_that_was_not_finished_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    write(path, entry(1), entry(2))
    data = path.read_bytes()
    for length in range(data.index(b"\n") + 1, len(data)):
        path.write_bytes(data[:length])
        if not data[:length].endswith(b"\n"):
            with pytest.raises(NotAuthentic, match="line 2: it is not complete"):
                ledger.read(path, KEY.public_key())
        assert write(path, entry(1), entry(2)) == 1
        assert ledger.read(path, KEY.public_key()) == [entry(1), entry(2)]


def test_two_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda number: write(path, entry(number % 5), entry(number)), range(40)))
    assert sum(counts) == 40
    assert len(ledger.read(path, KEY.public_key())) == 40


def test_another_file_is_no_ledger(tmp_path: Path) -> None:
    from freehold import signing

    path = tmp_path / "ledger"
    path.write_bytes(signing.sign({"type": "freehold.erasure", "format": 1}, KEY) + b"\n")
    with pytest.raises(NotAuthentic, match="no line of an erasure ledger"):
        ledger.read(path, KEY.public_key())


@pytest.fixture
def ready(control: Control) -> Control:
    control.template_create("default")
    control.template_apply(
        "default", "create table item (id int primary key); insert into item select generate_series(1, 7)"
    )
    control.template_freeze("default")
    return control


def replay(control: Control, tenant: Any, at: datetime | None = None) -> list[str]:
    """The states that it goes through."""
    states: list[str] = []
    while not states or states[-1] != "erased":
        row = control.erasure_replay(tenant["id"], at or datetime.now(timezone.utc), "ab")
        assert row is not None
        states.append(row["state"])
    return states


def test_who_comes_back_is_shut_out_and_erased_without_grace(ready: Control, admin: psycopg.Connection[Any]) -> None:
    active = ready.tenant_provision("active")
    ready.login_enable("active")
    assert replay(ready, active) == ["retired", "erased"]
    suspended, retired = (ready.tenant_provision(slug) for slug in ("suspended", "retired"))
    ready.tenant_suspend("suspended")
    ready.tenant_retire("retired", grace="30 days")
    assert replay(ready, suspended) == ["retired", "erased"]
    assert replay(ready, retired) == ["erased"]
    detail = next(o for o in ready.operation_list(slug="active") if o["kind"] == "erase")["detail"]
    assert (detail["replay_of"]["certificate"], detail["residue"]) == ("ab", [])
    assert ready.erasure_certificate(active["id"])["erasure"]["replay_of"] == detail["replay_of"]
    # Once more changes nothing.
    assert replay(ready, active) == ["erased"]
    assert len([o for o in ready.operation_list(slug="active") if o["kind"] == "erase"]) == 1
    assert ready.erasure_replay(uuid4(), AT) is None
    assert admin.execute("select count(*) from freehold.event where kind = 'erasure_replay'").fetchone() == (2,)


def test_what_was_being_made_is_erased_as_well(ready: Control, database: Database) -> None:
    ready.tenant_provision_step("half")
    tenant = ready.tenant_get("half")
    assert tenant["state"] == "provisioning"
    assert replay(ready, tenant) == ["erased"]
    assert ready.tenant_provision("half")["state"] == "active"


def test_a_slug_is_no_identity(ready: Control) -> None:
    first = ready.tenant_provision("acme")
    ready.tenant_retire("acme", grace="0 days")
    ready.tenant_erase("acme", "x")
    second = ready.tenant_provision("acme")
    assert replay(ready, first) == ["erased"]
    assert ready.tenant_get("acme")["id"] == second["id"]
    # Nor is an id that was made after the erasure.
    with pytest.raises(errors.WrongState):
        ready.erasure_replay(second["id"], AT)
    assert ready.tenant_get("acme")["state"] == "active"


def test_a_hold_of_before_is_over_and_one_of_after_is_not(ready: Control) -> None:
    tenant = ready.tenant_provision("acme")
    ready.hold_set("acme", "before")
    at = datetime.now(timezone.utc)
    ready.hold_set("acme", "after")
    assert ready.erasure_replay(tenant["id"], at)["state"] == "retired"  # type: ignore[index]
    with pytest.raises(errors.UnderHold) as caught:
        ready.erasure_replay(tenant["id"], at)
    assert "after" in str(caught.value.diag.message_detail)
    assert "before" not in str(caught.value.diag.message_detail)
    (found,) = list(ledger.replay(ready, [Entry(tenant["id"], at, None)]))
    assert (found.outcome, type(found.error)) == ("failed", errors.UnderHold)


def test_all_are_shut_out_before_the_first_is_erased(ready: Control, admin: psycopg.Connection[Any]) -> None:
    tenants = [ready.tenant_provision(f"t{number}") for number in range(3)]
    entries = [Entry(tenant["id"], datetime.now(timezone.utc), None) for tenant in tenants]
    steps = ledger.replay(ready, [*entries, entry(1)])
    assert next(steps).outcome == "unknown"
    assert next(steps).outcome == "erased"
    assert [row["state"] for row in ready.tenant_list()] == ["retired", "retired"]
    assert [step.outcome for step in steps] == ["erased", "erased"]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "server")
    server.start()
    yield server
    server.stop()


def prepared(server: Server) -> Control:
    connection = psycopg.connect(server.dsn(), autocommit=True, options="-c client_min_messages=error")
    bundle.run(connection, bundle.install_bundle())
    control = Control(connection)
    control.template_create("default")
    control.template_apply(
        "default", "create table item (id int primary key); insert into item select generate_series(1, 7)"
    )
    control.template_freeze("default")
    for slug in ("gone", "renamed", "stays"):
        control.tenant_provision(slug)
    return control


def erase_some(control: Control, run: Any, book: Path, key: Path) -> dict[str, Any]:
    """What happens after the backup: two are erased, one of them under another name, and their names are given to others."""
    ids = {slug: control.tenant_get(slug)["id"] for slug in ("gone", "renamed", "stays")}
    control.tenant_rename("renamed", "other")
    for slug in ("gone", "other"):
        control.tenant_retire(slug, grace="0 days")
        run("tenant", "erase", slug, "--reason", "x", "--yes", "--ledger", book, "--key", key)
    control.tenant_provision("gone")
    return ids


def check(control: Control, ids: dict[str, Any], dsn: str, book: Path, key: Path) -> None:
    """After the restore they are there, after the replay they are not, and others are as they were."""
    assert {row["slug"]: row["state"] for row in control.tenant_list()} == dict.fromkeys(
        ("gone", "renamed", "stays"), "active"
    )
    assert control.tenant_get("gone")["id"] == ids["gone"]
    result = CliRunner().invoke(
        main, ["--dsn", dsn, "erasure", "replay", str(book), "--public-key", f"{key}.pub", "--yes"]
    )
    assert (result.exit_code, result.stdout) == (0, "2 erased again, 0 gone already, 0 not known here\n"), result.stderr
    assert {row["slug"]: row["state"] for row in control.tenant_list()} == {"stays": "active"}
    assert [row["slug"] for row in control.tenant_list(state="erased")] == ["gone", "renamed"]
    rows = control.connection.execute(
        "select nspname from pg_namespace where nspname ~ '^tenant_' union all "
        "select rolname from pg_roles where rolname ~ '^tenant_' order by 1"
    ).fetchall()
    assert [name for (name,) in rows] == ["tenant_stays", "tenant_stays_owner", "tenant_stays_rw"]
    again = CliRunner().invoke(
        main, ["--dsn", dsn, "erasure", "replay", str(book), "--public-key", f"{key}.pub", "--yes"]
    )
    assert again.stdout == "0 erased again, 2 gone already, 0 not known here\n"
    for slug in ("gone", "renamed"):
        control.erasure_certificate(ids[slug])


def test_a_copy_of_the_data_directory_is_put_back(own: Server, tmp_path: Path) -> None:
    book, key = tmp_path / "ledger", tmp_path / "key"
    keys.generate(key)

    def run(*arguments: Any) -> None:
        result = CliRunner().invoke(main, ["--dsn", own.dsn(), *map(str, arguments)])
        assert result.exit_code == 0, result.stderr

    prepared(own).connection.close()
    data, backup = own.log.parent / "data", tmp_path / "backup"
    own.stop()
    subprocess.run(["cp", "-a", data, backup], check=True)
    own.start()
    with psycopg.connect(own.dsn(), autocommit=True) as connection:
        ids = erase_some(Control(connection), run, book, key)
    own.stop()
    subprocess.run(["rm", "-r", data], check=True)
    subprocess.run(["cp", "-a", backup, data], check=True)
    own.start()
    with psycopg.connect(own.dsn(), autocommit=True) as connection:
        check(Control(connection), ids, own.dsn(), book, key)


def test_a_dump_is_restored(own: Server, tmp_path: Path) -> None:
    book, key, dump = tmp_path / "ledger", tmp_path / "key", tmp_path / "dump.sql"
    keys.generate(key)

    def run(*arguments: Any) -> None:
        result = CliRunner().invoke(main, ["--dsn", own.dsn(), *map(str, arguments)])
        assert result.exit_code == 0, result.stderr

    control = prepared(own)
    superuser = own.dsn(superuser=True)
    password = str(conninfo_to_dict(superuser)["password"])
    subprocess.run(
        [find_client("pg_dumpall"), "--dbname", superuser, "--file", dump],
        check=True, env={**os.environ, "PGPASSWORD": password},
    )  # fmt: skip
    ids = erase_some(control, run, book, key)
    control.connection.close()
    other = Server(tmp_path / "other")
    other.start()
    try:
        # The dump brings the passwords of the server that it is from, and psql goes on with the one that it has.
        with psycopg.connect(other.dsn(superuser=True), autocommit=True) as admin:
            admin.execute(sql.SQL("alter role postgres password {}").format(sql.Literal(password)))
        dsn = make_conninfo(other.dsn(superuser=True), password=password)
        subprocess.run([find_client("psql"), "-X", "-q", "-d", dsn, "-f", dump], check=True, capture_output=True)
        with psycopg.connect(dsn, autocommit=True) as connection:
            check(Control(connection), ids, dsn, book, key)
    finally:
        other.stop()
