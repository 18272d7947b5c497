"""Keys and signed documents as files: how commands read and write them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from freehold.cli.problem import Refusal
from freehold.errors import BadInput, Conflict, Unsound

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_VARIABLE = "FREEHOLD_SIGNING_KEY"
LEDGER_VARIABLE = "FREEHOLD_ERASURE_LEDGER"
FILE = click.Path(dir_okay=False, path_type=Path)


def key_option(*, required: bool) -> Callable[[Any], Any]:
    """``--key``."""
    return click.option(
        "--key", type=FILE, metavar="FILE", envvar=KEY_VARIABLE, required=required,
        help=f"The private key that signs (freehold key generate); or {KEY_VARIABLE}.",
    )  # fmt: skip


def public_key_option(command: Any) -> Any:
    """``--public-key``."""
    return click.option(
        "--public-key", type=FILE, metavar="FILE", required=True, help="The public key of who should have signed."
    )(command)


@contextlib.contextmanager
def signing() -> Iterator[None]:
    """Whatever goes wrong with keys and signed documents, as the command line says it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("cryptography", "rfc8785"):
            raise
        raise Refusal(
            "what signs is not installed", BadInput, detail=str(error), hint="pip install 'freehold[sign]'"
        ) from error
    except ValueError as error:
        authentic = type(error).__name__ != "NotAuthentic"
        raise Refusal(str(error), BadInput if authentic else Unsound) from error
    except FileExistsError as error:
        raise Refusal(f"{error.filename or error} exists", Conflict, hint="Name another file.") from error
    except OSError as error:
        raise Refusal(f"{error.filename}: {error.strerror}", BadInput) from error


def private_key(path: Path) -> Ed25519PrivateKey:
    """The private key of a file."""
    from freehold import signing as keys

    return keys.private_key(path.read_bytes())


def public_key(path: Path) -> Ed25519PublicKey:
    """The public key of a file."""
    from freehold import signing as keys

    return keys.public_key(path.read_bytes())


def write_new(path: Path, content: bytes) -> None:
    """Writes a file that does not exist yet; it is on the disk afterwards."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
