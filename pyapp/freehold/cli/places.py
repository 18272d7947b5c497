"""Documents in files and object stores: what is written once and read back whole."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from freehold.cli import files
from freehold.cli.problem import Refusal
from freehold.errors import BadInput, Conflict, FreeholdError, NotFound

if TYPE_CHECKING:
    from obstore.store import ObjectStore


def write(place: str, content: bytes) -> None:
    """Writes a document where there is none yet.

    Args:
        place: A file, ``-`` for standard output, or the URL of an object: ``s3://bucket/name``.
        content: The document.

    Raises:
        Refusal: There is one already, or the store cannot be reached.
    """
    if place == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    elif "://" not in place:
        files.write_new(Path(place), content)
    else:
        store, name = _store(place)
        with _reached(place):
            store.put(name, content, mode="create")


def read(place: str) -> bytes:
    """Reads a document.

    Args:
        place: A file, or the URL of an object.

    Raises:
        Refusal: There is none, or the store cannot be reached.
    """
    if "://" not in place:
        return Path(place).read_bytes()
    store, name = _store(place)
    with _reached(place):
        return bytes(store.get(name).bytes())


def _store(place: str) -> tuple[ObjectStore, str]:
    """The store of a URL, as the environment says how to get in, and the object's name in it."""
    try:
        from obstore.store import from_url
    except ModuleNotFoundError as error:
        raise Refusal(
            "what writes to object stores is not installed", BadInput, hint="pip install 'freehold[storage]'"
        ) from error
    parts = urlsplit(place)
    if parts.scheme not in ("s3", "gs", "az"):
        raise Refusal(f"{place}: neither a file nor an object store", BadInput, hint="s3://, gs:// or az://")
    name = parts.path.strip("/")
    if not parts.netloc or not name:
        raise Refusal(f"{place} names no object", BadInput, hint="s3://bucket/anchors/2026-11-29.json")
    with _reached(place):
        return from_url(f"{parts.scheme}://{parts.netloc}"), name


@contextlib.contextmanager
def _reached(place: str) -> Iterator[None]:
    from obstore import exceptions

    try:
        yield
    except (exceptions.BaseError, OSError, ValueError) as error:
        like: type[FreeholdError] = BadInput
        said = f"{place}: {str(error).splitlines()[0]}"
        # The builtin of the same name, too: which of them comes is the store's affair.
        if isinstance(error, exceptions.AlreadyExistsError | FileExistsError):
            like, said = Conflict, f"{place} exists"
        elif isinstance(error, exceptions.NotFoundError | FileNotFoundError):
            like, said = NotFound, f"{place} does not exist"
        raise Refusal(said, like) from error
