"""The eraser of object storage, against a server that speaks S3 (moto), over its HTTP interface."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from click.testing import CliRunner

from freehold.cli import main
from freehold.cluster import free_port
from freehold.control import Control
from freehold.erasure import Eraser, Tenant, work
from freehold.erasure.storage import S3Prefix, from_environment
from support.database import Database

ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, log = free_port(), Path(tmp_path_factory.mktemp("moto")) / "log"
    command = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)]
    with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file) as server:
        try:
            while "Running on" not in log.read_text():
                assert server.poll() is None, log.read_text()
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.fixture
def s3(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in (ENVIRONMENT | {"AWS_ENDPOINT_URL": endpoint}).items():
        monkeypatch.setenv(name, value)
    return boto3.client("s3", config=Config(s3={"addressing_style": "path"}))


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"b-{uuid4()}"
    s3.create_bucket(Bucket=name)
    return name


def tenant(slug: str = "t1") -> Tenant:
    return Tenant(UUID(int=1), slug, f"tenant_{slug}")


def put(s3: Any, bucket: str, *keys: str) -> None:
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())


def held(s3: Any, bucket: str) -> set[str]:
    """Every version and marker that is there."""
    answer = s3.list_object_versions(Bucket=bucket)
    return {each["Key"] for name in ("Versions", "DeleteMarkers") for each in answer.get(name, ())}


def test_another_tenants_objects_stay(s3: Any, bucket: str) -> None:
    others = {"t10/a", "t1", "t1-two/a", "x/t1/a", "T1/a", "t", "t1\\a"}
    put(s3, bucket, *others, "t1/", "t1/a", "t1/b/c", "t1/../t10/b", "t1//d", "t1/ünï ☃")
    eraser = S3Prefix(bucket, "{slug}/", client=s3)
    assert isinstance(eraser, Eraser)
    assert eraser.erase(tenant()) == {"objects": 6, "versions": 6, "uploads": 0}
    assert held(s3, bucket) == others
    assert eraser.erase(tenant()) == {"objects": 0, "versions": 0, "uploads": 0}


def test_versions_that_are_hidden_go_too(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for _ in range(3):
        put(s3, bucket, "t1/a", "t10/a")
    s3.delete_object(Bucket=bucket, Key="t1/a")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="t1/")
    assert S3Prefix(bucket, "{slug}/", client=s3).erase(tenant()) == {"objects": 1, "versions": 4, "uploads": 0}
    assert held(s3, bucket) == {"t10/a"}


def test_uploads_that_were_not_finished_go_too(s3: Any, bucket: str) -> None:
    for key in ("t1/big", "t10/big"):
        upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=b"part")
    assert S3Prefix(bucket, "{slug}/", client=s3).erase(tenant())["uploads"] == 1
    assert [each["Key"] for each in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["t10/big"]


def test_more_than_a_page(s3: Any, bucket: str) -> None:
    put(s3, bucket, *(f"t1/{number}" for number in range(1203)), "t10/a")
    assert S3Prefix(bucket, "{slug}/", client=s3).erase(tenant())["objects"] == 1203
    assert held(s3, bucket) == {"t10/a"}


@pytest.mark.parametrize(
    "prefix",
    ["", "/", "{slug}", "{tenant_id}", "t/", "x{slug}/", "{slug}x/", "../{slug}/", "/{slug}/", "a//{slug}/", "{other}/", "{slug}/{0}/",
     "{slug.__class__}/", "{slug!r}/", "a/../{slug}/", "{slug}/*", "{slug}\n/"],
)  # fmt: skip
def test_a_prefix_that_could_be_anothers_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="no prefix"):
        S3Prefix("b", prefix, client=object())


class Liar:
    """A client whose store answers other than it was asked."""

    def __init__(self, client: Any, **answers: Any) -> None:
        self._client, self._answers = client, answers

    def __getattr__(self, name: str) -> Any:
        return self._answers.get(name) or getattr(self._client, name)


def test_what_stays_fails_the_task(s3: Any, bucket: str) -> None:
    put(s3, bucket, "t1/a", "t10/a")
    locked = {"Errors": [{"Key": "t1/a", "Code": "AccessDenied", "Message": "object lock"}]}
    with pytest.raises(OSError, match="1 versions were not erased: AccessDenied object lock"):
        S3Prefix(bucket, "{slug}/", client=Liar(s3, delete_objects=lambda **_: locked)).erase(tenant())
    with pytest.raises(OSError, match="still there"):
        S3Prefix(bucket, "{slug}/", client=Liar(s3, delete_objects=lambda **_: {})).erase(tenant())

    class Everything:
        def paginate(self, **_: Any) -> list[dict[str, Any]]:
            return [{"Versions": [{"Key": "t10/a", "VersionId": "null"}]}]

    with pytest.raises(OSError, match="not below"):
        S3Prefix(bucket, "{slug}/", client=Liar(s3, get_paginator=lambda _: Everything())).erase(tenant())
    assert held(s3, bucket) == {"t1/a", "t10/a"}
    with pytest.raises(ClientError):
        S3Prefix("missing", "{slug}/", client=s3).erase(tenant())


def test_a_store_without_versions(s3: Any, bucket: str) -> None:
    put(s3, bucket, "t1/a", "t10/a")

    def paginator(operation: str) -> Any:
        if operation == "list_object_versions":
            raise ClientError({"Error": {"Code": "NotImplemented"}}, operation)
        return s3.get_paginator(operation)

    assert S3Prefix(bucket, "{slug}/", client=Liar(s3, get_paginator=paginator)).erase(tenant())["objects"] == 1
    assert held(s3, bucket) == {"t10/a"}


def test_an_erasure_reaches_the_bucket(
    s3: Any, bucket: str, control: Control, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    control.template_create("default")
    control.template_freeze("default")
    made = control.tenant_provision("acme")
    put(s3, bucket, f"files/{made['id']}/a", f"files/{made['id']}0/a")
    control.eraser_register("storage", "uploads")
    control.tenant_retire("acme", grace="0 days")
    control.tenant_erase("acme", "x")
    monkeypatch.setenv("FREEHOLD_STORAGE_BUCKET", "missing")
    monkeypatch.setenv("FREEHOLD_STORAGE_PREFIX", "files/{tenant_id}/")
    command = ["--dsn", database.owner_dsn, "erasure", "work", "--eraser", "freehold.erasure.storage:from_environment"]
    failed = CliRunner().invoke(main, command)
    assert (failed.exit_code, "NoSuchBucket" in failed.stderr) == (4, True), failed.stderr
    monkeypatch.setenv("FREEHOLD_STORAGE_BUCKET", bucket)
    assert CliRunner().invoke(main, command).exit_code == 0
    assert held(s3, bucket) == {f"files/{made['id']}0/a"}
    (task,) = control.erasure_certificate(made["id"])["tasks"]
    assert (task["state"], task["detail"]) == ("done", {"objects": 1, "versions": 1, "uploads": 0})
    assert list(work(control, [from_environment()])) == []
    monkeypatch.delenv("FREEHOLD_STORAGE_BUCKET")
    assert CliRunner().invoke(main, command).exit_code == 2
