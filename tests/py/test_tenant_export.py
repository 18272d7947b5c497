"""A tenant as a file: whole or not at all, readable by whom it should be, and by nobody once its key is destroyed."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import psycopg
import pyrage
import pytest
from click.testing import CliRunner

from freehold import errors, export
from freehold.cli import main
from freehold.control import Control
from freehold.datakeys import CannotDestroy, KeyUnavailable, load, tenant
from freehold.datakeys.eraser import TenantKeys
from freehold.erasure import Tenant
from freehold.export import reader
from freehold.export.format import Damaged, Frames, Parser, read_header
from support.database import Database
from support.lifecycle import ORPHANS
from support.patience import until

TEMPLATE = r"""
    create type mood as enum ('sad', 'happy');
    create domain code as text check (value <> 'never');
    create type pair as (a int, b text);
    create table account (
        id bigint generated always as identity primary key, name text not null, mood mood, code code, pair pair, tags text[],
        doc jsonb, at timestamptz, lasts interval, price money, raw bytea, f float8, twice int generated always as (length(name) * 2) stored,
        unique (name)
    );
    create table entry (id serial primary key, account_id bigint references account on delete cascade, body text);
    create table part (id int, at date, primary key (id, at)) partition by range (at);
    create table part_one partition of part for values from ('2026-01-01') to ('2027-01-01');
    create table nothing ();
    create table hidden (id int);
    alter table hidden enable row level security;
    alter table hidden force row level security;
    create policy none on hidden using (false);
    create function shout(text) returns text language sql immutable as 'select upper($1)';
    create index on entry (shout(body));
    create view loud as select id, shout(name) as name from account;
    create materialized view total as select count(*) as n from entry;
    create trigger same before update on account for each row execute function suppress_redundant_updates_trigger();
    comment on table account is 'it''s "so"';
"""
ROWS = r"""
    insert into account (name, mood, code, pair, tags, doc, at, lasts, price, raw, f)
    select E'n\\' || n || case n % 5 when 0 then E'\t\n\r\b"''' when 1 then '\N' when 2 then '' when 3 then ',()' else '☃' end,
           case n % 3 when 0 then null when 1 then 'sad' else 'happy' end::mood, nullif(n::text, '7'), row(n, E'a"b\\c,\t')::pair,
           array['x', null, E'"\\', '', '{}'], jsonb_build_object('k', E'\n\\"', 'n', n), timestamptz '2026-03-29 01:30:00.123456+00',
           '1 mon -2 days 03:04:05.678', 12.5::money, decode('00ff5c', 'hex'), case n when 1 then 'NaN' when 2 then 1e-300 else n / 3.0 end::float8
    from generate_series(1, 40) as n;
    insert into entry (account_id, body) select n, case when n % 2 = 0 then null else repeat(E'x\\y\n', n) end from generate_series(1, 40) as n;
    insert into part select n, date '2026-02-01' + n from generate_series(1, 10) as n;
    insert into nothing select from generate_series(1, 3);
    select setval('entry_id_seq', 1000, false);
    refresh materialized view total;
"""
TABLES = ("account", "entry", "part_one", "nothing", "hidden", "total")


@pytest.fixture
def ready(control: Control, admin: psycopg.Connection[Any]) -> Control:
    control.template_create("default")
    control.template_apply("default", TEMPLATE)
    control.template_freeze("default")
    control.tenant_provision("acme", display_name="Acme", external_id="A-1", settings={"plan": "pro"})
    control.reader_create("acme")
    control.limit_set("acme", "statement_timeout", "31s")
    control.mask_set("acme", "account", "name", "hash")
    control.audit_enable("acme", "account", mask=["code"])
    control.migration_apply("acme", "0001.more", "create table more (id int)")
    as_owner(admin, "acme", ROWS)
    admin.execute("insert into tenant_acme.hidden values (1), (2)")
    return control


@pytest.fixture
def keys(tmp_path: Path) -> str:
    return f"file:{tmp_path / 'keys'}"


def as_owner(admin: psycopg.Connection[Any], slug: str, script: str) -> None:
    with admin.transaction():
        admin.execute(f"set local role tenant_{slug}_owner".encode())
        admin.execute(f"set local search_path = tenant_{slug}, pg_catalog".encode())
        admin.execute(script.encode())


def digest(admin: psycopg.Connection[Any], slug: str) -> dict[str, Any]:
    """Of every table's rows, and where the sequences stand."""
    rows = {
        table: admin.execute(
            f"select count(*), md5(string_agg(t::text, '|' order by t::text)) from tenant_{slug}.{table} as t".encode()
        ).fetchone()
        for table in (*TABLES, "more")
    }
    for sequence in ("account_id_seq", "entry_id_seq"):
        rows[sequence] = admin.execute(
            f"select last_value, is_called from tenant_{slug}.{sequence}".encode()
        ).fetchone()
    return rows


def write(control: Control, slug: str, path: Path, keys: str) -> export.Summary:
    return export.write(control, slug, path, tenant.current(control, slug) or tenant.rotate(control, load(keys), slug))


def freehold(database: Database, *arguments: str, code: int = 0, **environment: str) -> Any:
    result = CliRunner().invoke(main, [*arguments, "--dsn", database.owner_dsn, "--json"], env=environment)
    assert result.exit_code == code, result.output
    return json.loads(result.output.strip().splitlines()[-1]) if code else json.loads(result.output)


def test_what_is_restored_is_what_was_exported(
    ready: Control, database: Database, admin: psycopg.Connection[Any], tmp_path: Path, keys: str
) -> None:
    path = tmp_path / "acme.freehold"
    written = freehold(database, "tenant", "export", "acme", "--out", str(path), FREEHOLD_KEY_PROVIDER=keys)
    assert (written["rows"], written["bytes"]) == (95, path.stat().st_size)
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"Acme" not in path.read_bytes()
    freehold(database, "tenant", "restore", str(path), "--slug", "beta", FREEHOLD_KEY_PROVIDER=keys)
    assert digest(admin, "beta") == digest(admin, "acme")
    assert ready.schema_diff("tenant_acme", "tenant_beta") == []
    assert ready.schema_fingerprint("tenant_acme") == ready.schema_fingerprint("tenant_beta")
    acme, beta = ready.tenant_get("acme"), ready.tenant_get("beta")
    same = ("state", "template", "template_version", "base_version", "settings", "limits", "display_name")
    assert {name: acme[name] for name in same} == {name: beta[name] for name in same}
    assert (beta["ro_role"], beta["external_id"]) == ("tenant_beta_ro", None)
    assert [r["migration_id"] for r in ready.migration_list("beta")] == [
        r["migration_id"] for r in ready.migration_list("acme")
    ]
    assert admin.execute(ORPHANS).fetchall() == []
    rules = [(r["table_name"], r["column_name"], r["rule"]) for r in ready.mask_list("beta") if r["rule"] == "hash"]
    assert rules == [("account", "name", "hash")]
    audited = [(r["table_name"], r["mask"]) for r in ready.audit_list("beta")]
    assert audited == [(r["table_name"], r["mask"]) for r in ready.audit_list("acme")] != []
    # Hidden rows are hidden again, and keys hold.
    assert admin.execute(
        "select relforcerowsecurity from pg_class where oid = 'tenant_acme.hidden'::regclass"
    ).fetchone() == (True,)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        admin.execute("insert into tenant_beta.entry (account_id) values (4711)")
    told = {event["kind"]: event["detail"] for event in ready.event_list()}
    assert told["tenant_export.done"]["sha256"] == written["sha256"]
    assert {"tenant_restore.done", "tenant_key.added", "tenant_key.used"} <= set(told)


def test_one_snapshot(ready: Control, database: Database, tmp_path: Path, admin: psycopg.Connection[Any]) -> None:
    begun = begin(ready, "acme")
    admin.execute("insert into tenant_acme.entry (body) values ('later')")
    assert begun("entry") == 40


def begin(control: Control, slug: str) -> Callable[[str], int]:
    """An export that has begun; what it reads of a table then."""
    connection = control.connection
    connection.execute("begin isolation level repeatable read")
    begun = control.tenant_export_begin(slug)

    def read(name: str) -> int:
        for setting, value in begun["settings"]:
            connection.execute("select pg_catalog.set_config(%s, %s, true)", (setting, value))
        statement = next(table["copy"] for table in begun["tables"] if table["name"] == name)
        with connection.cursor().copy(statement) as copy:
            count = sum(bytes(data).count(b"\n") for data in copy)
        connection.execute("rollback")
        return count

    return read


def test_begun_is_ended_or_not_committed(
    ready: Control, connection: psycopg.Connection[Any], admin: psycopg.Connection[Any]
) -> None:
    with pytest.raises(errors.InvalidArgument), connection.transaction():
        ready.tenant_export_begin("acme")
    for _ in range(2):
        connection.execute("begin isolation level repeatable read")
        begun = ready.tenant_export_begin("acme")
        with pytest.raises(errors.TransferOpen):
            connection.execute("commit")
    with pytest.raises(errors.TransferOpen), connection.transaction():
        ready.tenant_restore_begin("beta", begun["manifest"])
    with pytest.raises(errors.TransferOpen):
        ready.tenant_export_end("acme", 0)
    with pytest.raises(errors.TransferOpen):
        ready.tenant_restore_end("acme", begun["manifest"], {})
    assert admin.execute(ORPHANS).fetchall() == []


def test_code_of_the_tenant_does_not_run(
    ready: Control, connection: psycopg.Connection[Any], admin: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """An export is a session that may become its login again: what the tenant wrote must not."""
    as_owner(admin, "acme", """
        create function spy(text) returns text language plpgsql immutable as $$
        begin
            perform pg_catalog.set_config('planted.ran', session_user, false);
            return $1;
        end $$;
        create function set_config(text, text, boolean) returns text language plpgsql as $$
        begin
            perform pg_catalog.set_config('planted.ran', 'by name', false);
            return null;
        end $$;
        create index on entry ((body || spy('constant')));
        create table checked (id int check (spy('x') = 'x'));
        insert into checked values (1);
    """)  # fmt: skip
    export.write(ready, "acme", tmp_path / "file", None)
    assert connection.execute("select current_setting('planted.ran', true)").fetchone() == (None,)
    assert connection.execute("select current_setting('search_path'), current_user = session_user").fetchone() == (
        '"$user", public', True,
    )  # fmt: skip
    # On the way back it runs, as the new owner and nobody else; what it sets is undone.
    export.restore(ready, tmp_path / "file", "beta")
    assert connection.execute("select coalesce(current_setting('planted.ran', true), '')").fetchone() in [("",)]


class _Deaf:
    """A control plane that takes everything."""

    def __init__(self) -> None:
        self.ended = False

    def tenant_restore_begin(self, *_: Any, **__: Any) -> None:
        pass

    def tenant_restore_rows(self, *_: Any) -> None:
        pass

    def tenant_restore_end(self, *_: Any) -> dict[str, Any]:
        self.ended = True
        return {}


def read(data: bytes, identity: Any) -> None:
    """What a restore does with a file, without a database."""
    file = io.BytesIO(data)
    header, line = read_header(file)
    writing = reader._Restore(cast("Control", _Deaf()), "x", line, header)
    reader._decrypt(file, writing, identity)
    writing.finish()


def test_no_byte_can_be_changed(ready: Control, tmp_path: Path, keys: str) -> None:
    ready.template_create("small")
    ready.template_apply(
        "small", "create table a (id int primary key, b text); insert into a values (1, 'x'), (2, null)"
    )
    ready.template_freeze("small")
    ready.tenant_provision("tiny", "small")
    write(ready, "tiny", tmp_path / "secret", keys)
    export.write(ready, "tiny", tmp_path / "plain", None)
    row = tenant.current(ready, "tiny")
    assert row is not None
    identity = tenant.identity(ready, load(keys), row["recipient"])
    for name, opens in (("secret", identity), ("plain", None)):
        data = (tmp_path / name).read_bytes()
        read(data, opens)
        for place in range(len(data)):
            for changed in (data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :], data[:place]):
                with pytest.raises(Damaged):
                    read(changed, opens)
        with pytest.raises(Damaged):
            read(data + b"x", opens)


def test_no_chunk_can_be_moved(ready: Control, admin: psycopg.Connection[Any], tmp_path: Path, keys: str) -> None:
    admin.execute(
        "insert into tenant_acme.entry (body) select string_agg(md5(n::text || m::text), '') from generate_series(1, 400) as n,"
        " generate_series(1, 32) as m group by n"
    )
    write(ready, "acme", tmp_path / "file", keys)
    row = tenant.current(ready, "acme")
    assert row is not None
    identity = tenant.identity(ready, load(keys), row["recipient"])
    data = (tmp_path / "file").read_bytes()
    read(data, identity)
    # The age header ends with its MAC's line; sixteen bytes of nonce, then chunks.
    start = data.index(b"\n", data.index(b"\n--- ") + 1) + 1 + 16
    size = 65536 + 16
    chunks = [data[at : at + size] for at in range(start, len(data), size)]
    assert len(chunks) > 3
    for order in (
        [1, 0, *range(2, len(chunks))],
        [*range(1, len(chunks))],
        [0, 0, *range(1, len(chunks))],
        range(len(chunks) - 1),
    ):
        with pytest.raises(Damaged):
            read(data[:start] + b"".join(chunks[n] for n in order), identity)


def test_a_damaged_file_leaves_nothing(
    ready: Control, database: Database, admin: psycopg.Connection[Any], tmp_path: Path
) -> None:
    export.write(ready, "acme", tmp_path / "file", None)
    data = (tmp_path / "file").read_bytes()
    before = digest(admin, "acme")
    for damaged in (data[:-1], data[: len(data) // 2], data[:-20] + b"x" + data[-19:], data + b"x", b"", b"PGDMP"):
        (tmp_path / "bad").write_bytes(damaged)
        said = freehold(database, "tenant", "restore", str(tmp_path / "bad"), "--slug", "beta", code=7)
        assert said["error"]["message"].startswith("the file is not what was written"), said
    assert admin.execute(ORPHANS).fetchall() == []
    assert [row["slug"] for row in ready.tenant_list()] == ["acme"]
    assert digest(admin, "acme") == before


def forged(data: bytes, *more: dict[str, str]) -> bytes:
    """The file with more statements, and a digest that is right."""
    file = io.BytesIO(data)
    _, line = read_header(file)
    parts, frames, out = list(Parser().feed(file.read())), Frames(), line
    for kind, given in parts:
        content = given
        if kind == b"M":
            manifest = json.loads(content)
            manifest["ddl"] += more
            content = json.dumps(manifest).encode()
        if kind == b"Z":
            content = json.dumps({**json.loads(content), "sha256": frames.digest()}).encode()
        out += frames.make(kind, content)
    return out


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("grant freehold_admin to current_user", psycopg.errors.InsufficientPrivilege),
        ("create table public.planted ()", psycopg.errors.InsufficientPrivilege),
        ("alter table tenant_acme.account rename to gone", psycopg.errors.InsufficientPrivilege),
        ("set role none", psycopg.Error),
        ("select freehold.tenant_suspend('acme', 'x')", psycopg.errors.InsufficientPrivilege),
        ("create table more_than_was_there ()", errors.ExportMismatch),
        ("create view beyond as select 1 as x", errors.ExportMismatch),
        ("truncate entry cascade", errors.ExportMismatch),
    ],
)  # fmt: skip
def test_statements_of_a_forged_file(
    ready: Control, admin: psycopg.Connection[Any], tmp_path: Path, statement: str, error: type[Exception]
) -> None:
    """A file is whatever somebody made of it: its statements can do no more than a new tenant's owner."""
    export.write(ready, "acme", tmp_path / "file", None)
    data = (tmp_path / "file").read_bytes()
    for phase in ("pre", "post"):
        (tmp_path / "bad").write_bytes(forged(data, {"phase": phase, "ddl": statement}))
        if phase == "pre" and error is errors.ExportMismatch and statement.startswith("truncate"):
            continue
        with pytest.raises(error):
            export.restore(ready, tmp_path / "bad", "beta")
    (tmp_path / "good").write_bytes(forged(data))
    export.restore(ready, tmp_path / "good", "gamma")
    assert admin.execute(ORPHANS).fetchall() == []
    assert [(row["slug"], row["state"]) for row in ready.tenant_list()] == [("acme", "active"), ("gamma", "active")]


def test_keys_open_their_own(ready: Control, admin: psycopg.Connection[Any], tmp_path: Path, keys: str) -> None:
    ready.tenant_provision("beta")
    write(ready, "acme", tmp_path / "acme", keys)
    write(ready, "beta", tmp_path / "beta", keys)
    with pytest.raises(KeyUnavailable):
        export.restore(ready, tmp_path / "acme", "gamma")
    with pytest.raises(KeyUnavailable):
        export.restore(ready, tmp_path / "acme", "gamma", provider=load(f"file:{tmp_path / 'other'}"))
    # Another tenant's line before it, another tenant's wrapped key in the row, another tenant's key in the file.
    one, two = (tmp_path / "acme").read_bytes(), (tmp_path / "beta").read_bytes()
    (tmp_path / "mixed").write_bytes(two.split(b"\n", 1)[0] + b"\n" + one.split(b"\n", 1)[1])
    with pytest.raises(Damaged):
        export.restore(ready, tmp_path / "mixed", "gamma", provider=load(keys))
    admin.execute(
        "update freehold.tenant_key as a set wrapped_key = b.wrapped_key, kek_id = b.kek_id from freehold.tenant_key as b"
        " where a.tenant_id = (select id from freehold.tenant where slug = 'acme') and b.tenant_id <> a.tenant_id"
    )
    with pytest.raises(KeyUnavailable):
        export.restore(ready, tmp_path / "acme", "gamma", provider=load(keys))
    row = tenant.current(ready, "acme")
    assert row is not None
    with pytest.raises(ValueError, match="another tenant"):
        export.write(ready, "beta", tmp_path / "third", row)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["acme", "beta", "keys", "mixed"]


def test_a_key_that_is_destroyed_opens_nothing(
    ready: Control, database: Database, admin: psycopg.Connection[Any], tmp_path: Path, keys: str
) -> None:
    write(ready, "acme", tmp_path / "acme", keys)
    # What a dump of the control plane holds.
    row = admin.execute("select to_jsonb(k) from freehold.tenant_key as k").fetchone()
    ready.tenant_retire("acme", grace="0 days", reason="over")
    ready.tenant_erase("acme", "request 4711")
    assert ready.tenant_key_list() == []
    tasks = ready.erasure_task_list(open=True)
    assert [task["task"] for task in tasks] == ["tenant-keys"]
    freehold(database, "erasure", "work", FREEHOLD_KEY_PROVIDER=keys)
    assert ready.erasure_task_list()[0]["detail"] == {"key_encryption_keys": 1}
    with pytest.raises(errors.KeyNotFound):
        export.restore(ready, tmp_path / "acme", "gamma", provider=load(keys))
    # The dump is brought back.
    admin.execute("insert into freehold.tenant_key select * from jsonb_populate_record(null::freehold.tenant_key, %s)",
                  (json.dumps(row[0]) if row else None,))  # fmt: skip
    with pytest.raises(KeyUnavailable):
        export.restore(ready, tmp_path / "acme", "gamma", provider=load(keys))
    assert list((tmp_path / "keys").iterdir()) == []


def test_what_cannot_be_destroyed_says_so(
    ready: Control, admin: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KEK", "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=")
    monkeypatch.setenv("FREEHOLD_KEY_PROVIDER", "env:KEK")
    write(ready, "acme", tmp_path / "acme", "env:KEK")
    row = ready.tenant_get("acme")
    with pytest.raises(CannotDestroy, match="all tenants'"):
        TenantKeys().erase(Tenant(row["id"], "acme", row["schema_name"]))
    # The same key-encryption key wraps both, and yet neither's key is taken for the other's.
    ready.tenant_provision("other")
    tenant.rotate(ready, load("env:KEK"), "other")
    swap = (
        "update freehold.tenant_key as a set wrapped_key = b.wrapped_key from freehold.tenant_key as b"
        " where b.tenant_id <> a.tenant_id"
    )
    admin.execute(swap)
    with pytest.raises(KeyUnavailable, match="did not wrap"):
        export.restore(ready, tmp_path / "acme", "beta", provider=load("env:KEK"))
    admin.execute(swap)
    # Another first key: the one before still opens.
    monkeypatch.setenv(
        "KEK", "YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmI=,YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="
    )
    export.restore(ready, tmp_path / "acme", "beta", provider=load("env:KEK"))
    recipient = ready.tenant_key_list("acme")[0]["recipient"]
    tenant.rewrap(ready, load("env:KEK"), recipient)
    monkeypatch.setenv("KEK", "YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmI=")
    export.restore(ready, tmp_path / "acme", "gamma", provider=load("env:KEK"))
    monkeypatch.setenv("KEK", "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=")
    with pytest.raises(KeyUnavailable) as caught:
        export.restore(ready, tmp_path / "acme", "delta", provider=load("env:KEK"))
    assert "YWFh" not in str(caught.value)
    with pytest.raises(KeyUnavailable):
        TenantKeys(load(f"file:{tmp_path / 'not mounted'}")).erase(Tenant(row["id"], "acme", row["schema_name"]))


def test_rotation(ready: Control, database: Database, tmp_path: Path, keys: str) -> None:
    ready.tenant_provision("beta")
    write(ready, "acme", tmp_path / "one", keys)
    write(ready, "beta", tmp_path / "beta", keys)
    assert len(freehold(database, "key", "rotate", "--all", "--provider", keys)) == 2
    write(ready, "acme", tmp_path / "two", keys)
    assert [(r["version"], r["state"]) for r in ready.tenant_key_list("acme")] == [(2, "current"), (1, "retired")]
    folder = tmp_path / "keys" / str(ready.tenant_get("acme")["id"])
    before = {path.name for path in folder.iterdir()}
    freehold(database, "key", "rewrap", "--tenant", "acme", "--provider", keys)
    # The key-encryption keys are others, the keys the same.
    assert len(before & {path.name for path in folder.iterdir()}) == 0
    assert len(list(folder.iterdir())) == 2
    for number, name in enumerate(("one", "two")):
        export.restore(ready, tmp_path / name, f"again-{number}", provider=load(keys))
    freehold(
        database,
        "key",
        "destroy",
        "--tenant",
        "acme",
        "--version",
        "1",
        "--reason",
        "leaked",
        "--yes",
        "--provider",
        keys,
    )
    with pytest.raises(errors.KeyDestroyed):
        export.restore(ready, tmp_path / "one", "gone", provider=load(keys))
    assert len(list(folder.iterdir())) == 1
    kinds = {event["kind"] for event in ready.event_list(slug="acme")}
    assert {"tenant_key.added", "tenant_key.rewrapped", "tenant_key.destroyed"} <= kinds
    with pytest.raises(errors.KeyNotFound):
        ready.tenant_key_destroy("acme", 1, "again")
    export.restore(ready, tmp_path / "two", "still", provider=load(keys))
    ready.hold_set("acme", "court")
    with pytest.raises(errors.UnderHold):
        ready.tenant_key_destroy("acme", 2, "held")
    with pytest.raises(errors.KeyDestroyed):
        ready.tenant_key_rewrap(ready.tenant_key_list("acme")[0]["recipient"], b"x" * 60, "file", "other", "not it")


KMS = """
import base64, json, os, pathlib, sys
home = pathlib.Path(sys.argv[1])
with open(home / "argv", "a") as file:
    file.write(repr(sys.argv) + "\\n")
asked = json.load(sys.stdin)
path = home / (asked["tenant"] + ".kms")
if asked["verb"] == "create":
    path.write_bytes(os.urandom(32)); print(json.dumps({"kek_id": "kms/" + asked["tenant"]}))
elif asked["verb"] == "destroy":
    there = path.exists(); path.unlink(missing_ok=True); print(json.dumps({"destroyed": int(there)}))
else:
    pad = path.read_bytes() * 100
    data = base64.b64decode(asked["data"])
    print(json.dumps({"data": base64.b64encode(bytes(a ^ b for a, b in zip(data, pad))).decode()}))
"""


def test_a_command_holds_the_keys(ready: Control, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kms.py").write_text(KMS)
    reference = f"command:{sys.executable} '{tmp_path / 'kms.py'}' '{tmp_path}'"
    write(ready, "acme", tmp_path / "acme", reference)
    export.restore(ready, tmp_path / "acme", "beta", provider=load(reference))
    identity = ready.tenant_get("acme")["id"]
    assert load(reference).destroy(identity) == 1
    assert load(reference).destroy(identity) == 0
    with pytest.raises(KeyUnavailable, match="exit status 1"):
        export.restore(ready, tmp_path / "acme", "gamma", provider=load(reference))
    assert len(set((tmp_path / "argv").read_text().splitlines())) == 1
    for answer in ("[]", "no", '{"data": 1}', '{"data": "YWJj"}'):
        with pytest.raises(KeyUnavailable) as caught:
            export.restore(ready, tmp_path / "acme", "gamma", provider=load(f"command:echo '{answer}'"))
        assert "YWJj" not in str(caught.value)
    assert "AGE-SECRET-KEY" not in "".join(capfd.readouterr())


def test_nothing_is_overwritten(ready: Control, database: Database, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine")
    assert freehold(database, "tenant", "export", "acme", "--out", str(path), "--plain", code=4)["error"][
        "message"
    ].endswith("exists")
    assert path.read_text() == "mine"
    freehold(database, "tenant", "export", "acme", "--out", str(tmp_path / "other"), code=2)
    freehold(database, "tenant", "export", "nobody", "--out", str(tmp_path / "other"), code=3)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def blocked(database: Database, admin: psycopg.Connection[Any], lock: str, *arguments: str) -> None:
    """Kills a command while it waits for a lock."""
    with admin.transaction():
        admin.execute(lock.encode())
        environment = {**os.environ, "FREEHOLD_DSN": database.owner_dsn}
        process = subprocess.Popen(
            [sys.executable, "-m", "freehold", *arguments], env=environment, stdout=subprocess.PIPE
        )
        witness = database.connect(database.admin_dsn)
        query = "select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        until(lambda: witness.execute(query).fetchone() is not None)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    until(lambda: witness.execute(
        "select from pg_stat_activity where application_name = 'freehold' and datname = current_database()").fetchone() is None
    )  # fmt: skip


def test_killed(ready: Control, database: Database, admin: psycopg.Connection[Any], tmp_path: Path) -> None:
    export.write(ready, "acme", tmp_path / "file", None)
    blocked(database, admin, "lock table tenant_acme.entry in access exclusive mode",
            "tenant", "export", "acme", "--out", str(tmp_path / "half"), "--plain")  # fmt: skip
    blocked(database, admin, "lock table freehold.operation in share mode",
            "tenant", "restore", str(tmp_path / "file"), "--slug", "beta")  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert admin.execute(ORPHANS).fetchall() == []
    assert [row["slug"] for row in ready.tenant_list()] == ["acme"]
    export.restore(ready, tmp_path / "file", "beta")


def count(admin: psycopg.Connection[Any], slug: str) -> int:
    row = admin.execute(f"select count(distinct md5(body)) from tenant_{slug}.entry".encode()).fetchone()
    assert row is not None
    return int(row[0])


MEASURE = """
import resource, sys
from pathlib import Path
import psycopg
from freehold import export
from freehold.control import Control
from freehold.datakeys import load, tenant
control = Control(psycopg.connect(sys.argv[1], autocommit=True))
path, provider = Path(sys.argv[3]), load(sys.argv[4])
key = tenant.rotate(control, provider, sys.argv[2])
export.write(control, sys.argv[2], path, key)
export.restore(control, path, sys.argv[2] + "-again", provider=provider)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_is_bounded(
    ready: Control, database: Database, admin: psycopg.Connection[Any], tmp_path: Path, keys: str
) -> None:
    ready.tenant_provision("big")
    admin.execute(
        "insert into tenant_big.entry (body) select (select string_agg(md5(n::text || m::text), '') from generate_series(1, 64) as m)"
        " from generate_series(1, 20000) as n"
    )
    peaks = [
        int(subprocess.run([sys.executable, "-c", MEASURE, database.owner_dsn, slug, str(tmp_path / slug), keys],
                           check=True, capture_output=True, text=True).stdout)
        for slug in ("acme", "big")
    ]  # fmt: skip
    assert (tmp_path / "big").stat().st_size > 20_000_000
    assert peaks[1] - peaks[0] < 16 * 1024, peaks
    assert count(admin, "big_again") == count(admin, "big") == 20000


def test_who_may(ready: Control, database: Database, admin: psycopg.Connection[Any]) -> None:
    tenant_of = ready.tenant_get("acme")
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    ready.tenant_key_add("acme", recipient, b"x" * 60, "file", "kek")
    for role, listed in (("freehold_auditor", True), ("freehold_worker", True), (tenant_of["owner_role"], False),
                         (tenant_of["rw_role"], False)):  # fmt: skip
        for call, allowed in (
            ("tenant_key_list()", listed), (f"tenant_key_get('{recipient}')", False), ("tenant_export_begin('acme')", False),
            ("tenant_restore_begin('x', '{}')", False), ("tenant_key_destroy('acme', 1, 'x')", False),
        ):  # fmt: skip
            with admin.transaction(force_rollback=True):
                admin.execute(f"set local role {role}".encode())
                if allowed:
                    admin.execute(f"select * from freehold.{call}".encode())
                else:
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        admin.execute(f"select * from freehold.{call}".encode())
        with admin.transaction(force_rollback=True), pytest.raises(psycopg.errors.InsufficientPrivilege):
            admin.execute(f"set local role {role}".encode())
            admin.execute("table freehold.tenant_key")
    for bad in (
        {"recipient": "age1x"},
        {"wrapped_key": b"x"},
        {"provider": "No"},
        {"kek_id": ""},
        {"recipient": recipient},
    ):
        with pytest.raises(errors.InvalidArgument):
            ready.tenant_key_add(**{"slug": "acme", "recipient": str(pyrage.x25519.Identity.generate().to_public()),
                                    "wrapped_key": b"x" * 60, "provider": "file", "kek_id": "k", **bad})  # type: ignore[arg-type]  # fmt: skip


def test_a_final_export_comes_before_the_erasure(ready: Control, database: Database, tmp_path: Path) -> None:
    out = tmp_path / "acme.last"
    ready.tenant_retire("acme", grace="30 days", reason="left")
    erase = [
        "tenant",
        "erase",
        "acme",
        "--reason",
        "left",
        "--yes",
        "--final-export",
        str(out),
        "--dsn",
        database.owner_dsn,
    ]
    refused = CliRunner().invoke(main, erase)
    assert (refused.exit_code, out.exists()) == (4, False), refused.output
    ready.tenant_reinstate("acme")
    rows = ready.schema_fingerprint("tenant_acme")
    ready.tenant_retire("acme", grace="0 days", reason="left")
    erased = CliRunner().invoke(main, erase)
    assert erased.exit_code == 0, erased.output
    assert ready.tenant_list(state="erased")
    export.restore(ready, out, "again", provider=None)
    assert ready.schema_fingerprint("tenant_again") == rows
    assert CliRunner().invoke(main, erase).exit_code == 3
