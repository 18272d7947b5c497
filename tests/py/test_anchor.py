"""Anchors: signed, kept outside the database, and what they show there later."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from freehold import signing
from freehold.cli import main
from support.database import Database
from support.trail import Trail


@pytest.fixture
def trail(database: Database) -> Trail:
    trail = Trail(database)
    for _ in range(3):
        trail.write(rows=2)
        trail.seal()
    return trail


@pytest.fixture
def key(tmp_path: Path) -> Path:
    assert invoke("key", "generate", "--out", str(tmp_path / "anchor.key")).exit_code == 0
    return tmp_path / "anchor.key"


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def audit(database: Database, *arguments: str) -> Result:
    return invoke("--dsn", database.owner_dsn, "audit", *arguments)


def cut(trail: Trail) -> None:
    """Takes the last seal away, as who may do everything."""
    trail.admin.execute("alter table freehold.seal disable trigger seal_guard")
    trail.admin.execute("delete from freehold.seal where chain = %s and number = 3", (trail.chain(),))
    trail.admin.execute("alter table freehold.seal enable always trigger seal_guard")
    trail.admin.execute(f"delete from {trail.logs['acme']} where id > 4".encode())


def test_sealing_and_verifying(trail: Trail, database: Database) -> None:
    trail.write(rows=3)
    done = audit(database, "seal", "--json")
    assert json.loads(done.stdout)["rows"] >= 3
    assert audit(database, "seal").stdout.startswith("0 entries")
    assert audit(database, "verify").exit_code == 0
    trail.admin.execute(f"update {trail.logs['acme']} set actor = 'bob' where id = 3".encode())
    done = audit(database, "verify")
    assert done.exit_code == 7
    assert "row altered" in done.stdout
    done = audit(database, "verify", "acme", "--json")
    assert done.exit_code == 7
    assert [(row["seal"], row["sequence"], row["finding"]) for row in json.loads(done.stdout)] == [
        (2, 3, "row altered")
    ]
    assert audit(database, "verify", "beta").exit_code == 0
    assert audit(database, "verify", "@").exit_code == 0
    assert audit(database, "verify", "nobody").exit_code == 3


def test_an_anchor_in_a_file(trail: Trail, database: Database, key: Path, tmp_path: Path) -> None:
    out, public = tmp_path / "anchor.json", f"{key}.pub"
    done = audit(database, "anchor", "--out", str(out), "--key", str(key))
    assert done.exit_code == 0, done.output
    document = signing.verify(out.read_bytes(), signing.public_key(Path(public).read_bytes()))
    heads = {head["chain"]: (head["number"], head["rows"], head["hash"]) for head in document["heads"]}
    assert heads[trail.chain()] == (3, 6, trail.seals()[-1]["hash"].removeprefix("\\x"))
    assert trail.chain("@") in heads
    # It is written once.
    assert audit(database, "anchor", "--out", str(out), "--key", str(key)).exit_code == 4
    verify = ("verify", "--anchor", str(out), "--public-key", public)
    assert audit(database, *verify).exit_code == 0
    trail.write()
    trail.seal()
    assert audit(database, *verify).exit_code == 0
    trail.admin.execute("alter table freehold.seal disable trigger seal_guard")
    trail.admin.execute("delete from freehold.seal where number = 4 and chain = %s", (trail.chain(),))
    trail.admin.execute("alter table freehold.seal enable always trigger seal_guard")
    # The row that it sealed is left; with the row, nothing is there to be found: the anchor is older.
    assert "row passed over" in audit(database, *verify).stdout
    trail.admin.execute(f"delete from {trail.logs['acme']} where id > 6".encode())
    assert audit(database, *verify).exit_code == 0
    cut(trail)
    assert audit(database, "verify").exit_code == 0
    done = audit(database, *verify)
    assert done.exit_code == 7
    assert "seal missing" in done.stdout


def test_an_anchor_that_was_changed_or_signed_by_another(
    trail: Trail, database: Database, key: Path, tmp_path: Path
) -> None:
    out = tmp_path / "anchor.json"
    audit(database, "anchor", "--out", str(out), "--key", str(key))
    invoke("key", "generate", "--out", str(tmp_path / "other.key"))
    done = audit(database, "verify", "--anchor", str(out), "--public-key", str(tmp_path / "other.key.pub"))
    assert done.exit_code == 7
    content = bytearray(out.read_bytes())
    content[content.index(b'"hash":"') + 9] ^= 1
    out.write_bytes(content)
    done = audit(database, "verify", "--anchor", str(out), "--public-key", f"{key}.pub")
    assert done.exit_code == 7
    assert audit(database, "verify", "--anchor", str(out)).exit_code == 2
    assert audit(database, "anchor", "--out", "-", "--key", str(tmp_path / "none.key")).exit_code == 2


def test_going_on_after_a_restore(trail: Trail, database: Database) -> None:
    trail.admin.execute("update freehold.seal_epoch set place = '1/2'")
    trail.write()
    done = audit(database, "seal")
    assert done.exit_code == 7
    assert "freehold audit epoch --reason" in done.stderr
    assert audit(database, "epoch", "--reason", "restored").exit_code == 0
    assert audit(database, "seal").exit_code == 0
    assert audit(database, "verify").exit_code == 0


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of an emulated object store."""
    import boto3
    from moto.server import ThreadedMotoServer

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    try:
        url = f"http://127.0.0.1:{port}"
        for name, value in {
            "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        client = boto3.client("s3")
        client.create_bucket(Bucket="anchors")
        client.close()
        yield "s3://anchors"
    finally:
        server.stop()


@pytest.mark.filterwarnings("default")
def test_an_anchor_in_an_object_store(trail: Trail, database: Database, key: Path, bucket: str) -> None:
    place = f"{bucket}/freehold/2026-11-29.json"
    anchor = ("anchor", "--out", place, "--key", str(key))
    done = audit(database, *anchor)
    assert done.exit_code == 0, done.output
    assert audit(database, *anchor).exit_code == 4
    verify = ("verify", "--public-key", f"{key}.pub", "--anchor")
    assert audit(database, *verify, place).exit_code == 0
    assert audit(database, *verify, f"{bucket}/none.json").exit_code == 3
    assert audit(database, *verify, "s3://anchors").exit_code == 2
    cut(trail)
    assert audit(database, *verify, place).exit_code == 7
