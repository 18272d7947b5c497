r"""Erases what tenants have in an S3 bucket, below a prefix each. Needs the extra ``storage`` (boto3).

    freehold eraser register storage --description 'uploads'
    FREEHOLD_STORAGE_BUCKET=uploads FREEHOLD_STORAGE_PREFIX='tenants/{tenant_id}/' \
        freehold erasure work --eraser freehold.erasure.storage:from_environment

Every version of an object goes, and every upload that was not finished: where a bucket keeps versions,
deleting an object only hides it. What a lock or a policy keeps fails the task.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import boto3
from botocore.exceptions import ClientError

from freehold.erasure.tasks import Tenant

_PREFIX = re.compile(r"(?:[A-Za-z0-9._-]+/)*\{(?:tenant_id|slug|schema)\}/(?:[A-Za-z0-9._-]+/)*")
_BATCH = 1000


class S3Prefix:
    """An eraser of all objects below a prefix.

    Args:
        bucket: The bucket.
        prefix: With ``{tenant_id}``, ``{slug}`` or ``{schema}`` as one of its directories, ending in a slash:
            ``t1`` without it would be ``t10`` as well.
        name: As it is registered.
        client: A client of boto3; made from the environment (AWS_ENDPOINT_URL and the others) where none is given.

    Raises:
        ValueError: The prefix could be another tenant's.
    """

    def __init__(self, bucket: str, prefix: str = "{tenant_id}/", name: str = "storage", client: Any = None) -> None:
        if not _PREFIX.fullmatch(prefix) or ".." in prefix.split("/"):
            raise ValueError(f"{prefix!r} is no prefix with {{tenant_id}}, {{slug}} or {{schema}} for a directory")
        self.name = name
        self._bucket = bucket
        self._prefix = prefix
        self._client = boto3.client("s3") if client is None else client

    def prefix(self, tenant: Tenant) -> str:
        """Below what a tenant's objects are."""
        return self._prefix.format(tenant_id=tenant.id, slug=tenant.slug, schema=tenant.schema)

    def erase(self, tenant: Tenant) -> Mapping[str, int]:
        """Erases all versions of all objects, and uploads that were not finished.

        Args:
            tenant: Whose.

        Returns:
            How many: ``objects``, ``versions`` (those that were hidden included), ``uploads``.

        Raises:
            OSError: Something could not be erased.
            ClientError: The bucket cannot be reached.
        """
        prefix = self.prefix(tenant)
        names: set[str] = set()
        versions, before = 0, None
        # From the beginning each time: whether a list goes on rightly while it is shortened, stores differ.
        while batch := list(islice(self._versions(prefix), _BATCH)):
            if batch == before:
                raise OSError("versions are still there that the store said to have erased")
            answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": batch, "Quiet": True})
            if answer.get("Errors"):
                first = answer["Errors"][0]
                what = f"{first['Code']} {first.get('Message', '')}"
                raise OSError(f"{len(answer['Errors'])} versions were not erased: {what}")
            names.update(each["Key"] for each in batch)
            versions, before = versions + len(batch), batch
        uploads = 0
        for page in self._pages("list_multipart_uploads", prefix):
            for upload in page.get("Uploads", ()):
                self._client.abort_multipart_upload(
                    Bucket=self._bucket, Key=_within(upload["Key"], prefix), UploadId=upload["UploadId"]
                )
                uploads += 1
        return {"objects": len(names), "versions": versions, "uploads": uploads}

    def _versions(self, prefix: str) -> Iterator[dict[str, str]]:
        """All versions and markers below a prefix; the objects where the store knows no versions."""
        try:
            for page in self._pages("list_object_versions", prefix):
                for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    yield {"Key": _within(each["Key"], prefix), "VersionId": each["VersionId"]}
        except ClientError as error:
            if error.response["Error"]["Code"] != "NotImplemented":
                raise
            for page in self._pages("list_objects_v2", prefix):
                for each in page.get("Contents", ()):
                    yield {"Key": _within(each["Key"], prefix)}

    def _pages(self, operation: str, prefix: str) -> Iterator[dict[str, Any]]:
        yield from self._client.get_paginator(operation).paginate(Bucket=self._bucket, Prefix=prefix)


def from_environment() -> S3Prefix:
    """The eraser that FREEHOLD_STORAGE_BUCKET, FREEHOLD_STORAGE_PREFIX and FREEHOLD_STORAGE_ERASER (its name) describe.

    Raises:
        ValueError: No bucket is named.
    """
    bucket = os.environ.get("FREEHOLD_STORAGE_BUCKET")
    if not bucket:
        raise ValueError("FREEHOLD_STORAGE_BUCKET names no bucket")
    return S3Prefix(
        bucket,
        os.environ.get("FREEHOLD_STORAGE_PREFIX", "{tenant_id}/"),
        os.environ.get("FREEHOLD_STORAGE_ERASER", "storage"),
    )


def _within(key: str, prefix: str) -> str:
    """A key that the store says is below the prefix; it is not taken at its word."""
    if not key.startswith(prefix):
        raise OSError(f"the store listed {key!r}, which is not below {prefix!r}")
    return key
