"""A signed document is found out whatever is done to it."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold import keys, signing
from freehold.signing import NotAuthentic

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
DOCUMENT = {"type": "test", "n": 12, "name": "Ærø 😀", "list": [1, {"b": None, "a": True}], "empty": {}}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text().filter(lambda key: key != "signature"), VALUES, max_size=5))
def test_what_is_signed_comes_back(document: dict[str, Any]) -> None:
    try:
        data = signing.sign(document, KEY)
    except ValueError:
        # A lone surrogate has no UTF-8.
        assert "\\ud" in json.dumps(document)
        return
    assert signing.verify(data, KEY.public_key()) == document
    assert b"\n" not in data


def test_every_changed_byte_is_found() -> None:
    data = signing.sign(DOCUMENT, KEY)
    for position in range(len(data)):
        for value in {data[position] ^ bit for bit in (1, 2, 4, 8, 16, 32, 64, 128)} | {0x20, 0x30, 0x22} - {
            data[position]
        }:
            if value != data[position]:
                changed = data[:position] + bytes([value]) + data[position + 1 :]
                with pytest.raises(NotAuthentic):
                    signing.verify(changed, KEY.public_key())
        for changed in (
            data[:position],
            data[:position] + data[position + 1 :],
            data[:position] + b" " + data[position:],
        ):
            with pytest.raises(NotAuthentic):
                signing.verify(changed, KEY.public_key())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_nothing_else_is_a_document(data: bytes) -> None:
    with pytest.raises(NotAuthentic):
        signing.verify(data, KEY.public_key())


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "\n",
        lambda text: " " + text,
        lambda text: json.dumps(json.loads(text)),
        lambda text: json.dumps(json.loads(text), separators=(",", ":"), sort_keys=True, ensure_ascii=True),
        lambda text: text.replace('"n":12', '"n":12.0'),
        lambda text: text.replace('"n":12', '"n":12,"n":12'),
        lambda text: text.replace('"n":12', '"n":1.2e1'),
        lambda text: text.replace("Ed25519", "none"),
        lambda text: json.dumps({k: v for k, v in json.loads(text).items() if k != "signature"}),
        lambda text: "[" * 100_000,
    ],
)
def test_the_same_in_other_words_is_not_the_same(change: Any) -> None:
    text = signing.sign(DOCUMENT, KEY).decode()
    assert change(text) != text
    with pytest.raises(NotAuthentic):
        signing.verify(change(text).encode(), KEY.public_key())


def test_another_key_is_named() -> None:
    other = Ed25519PrivateKey.generate()
    with pytest.raises(NotAuthentic, match=signing.key_id(other.public_key())):
        signing.verify(signing.sign(DOCUMENT, KEY), other.public_key())


def test_a_signature_is_not_taken_over() -> None:
    with pytest.raises(ValueError, match="signed already"):
        signing.sign({**DOCUMENT, "signature": {}}, KEY)
    one = json.loads(signing.sign(DOCUMENT, KEY))
    two = json.loads(signing.sign({**DOCUMENT, "n": 13}, KEY))
    two["signature"] = one["signature"]
    forged = json.dumps(two, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    with pytest.raises(NotAuthentic, match="not that of its content"):
        signing.verify(forged, KEY.public_key())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**60, object(), b"bytes", {1: 2}])
def test_what_json_cannot_carry_is_refused(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        signing.sign({"value": value}, KEY)


def test_keys_are_files_of_their_owner(tmp_path: Path) -> None:
    path = tmp_path / "erasure.key"
    before = os.umask(0)
    try:
        public, name = keys.generate(path)
    finally:
        os.umask(before)
    assert public == tmp_path / "erasure.key.pub"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    private = signing.private_key(path.read_bytes())
    assert signing.key_id(signing.public_key(public.read_bytes())) == signing.key_id(private.public_key()) == name
    kept = path.read_bytes()
    for lost in ((), (public,), ()):
        for file in lost:
            file.unlink()
        with pytest.raises(FileExistsError):
            keys.generate(path)
    assert path.read_bytes() == kept


def test_no_file_is_followed_or_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(FileExistsError):
        keys.generate(tmp_path / "link")
    assert not target.exists()


def test_other_keys_are_refused_and_not_quoted() -> None:
    rsa = generate_private_key(65537, 2048)
    pem = rsa.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = rsa.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    locked = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    )
    for bad in (pem, locked, b"secret words", b"", pem[:-40]):
        with pytest.raises(ValueError, match="private key") as caught:
            signing.private_key(bad)
        assert "secret" not in str(caught.value)
    for bad in (public, pem, b"", b"-----BEGIN PUBLIC KEY-----"):
        with pytest.raises(ValueError, match="public key"):
            signing.public_key(bad)
