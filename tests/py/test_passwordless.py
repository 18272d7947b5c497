"""Level login where the server knows the tenants' logins by other means than a password."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from psycopg.conninfo import make_conninfo

from freehold import InvalidArgument, Limits, Tenants
from support.database import Database
from support.world import SLUGS, provision


def setting(admin: psycopg.Connection[Any], name: str) -> str:
    row = admin.execute("select current_setting(%s)", (name,)).fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture
def fleet(database: Database, admin: psycopg.Connection[Any]) -> Iterator[Database]:
    """Whose server's pg_hba.conf and pg_ident.conf the test may change."""
    provision(database, "create table note (body text)")
    control = database.control()
    for slug in SLUGS:
        control.login_enable(slug)
    files = [Path(setting(admin, name)) for name in ("hba_file", "ident_file")]
    if not os.access(files[0], os.W_OK):
        pytest.skip("the server's files are not at hand")
    before = [(path, path.read_text()) for path in files]
    yield database
    for path, text in before:
        path.write_text(text)
    admin.execute("select pg_reload_conf()")


def admit(database: Database, admin: psycopg.Connection[Any], rule: str, ident: str = "") -> None:
    """Puts rules before all others, and waits until they hold."""
    for name, line in (("hba_file", rule), ("ident_file", ident)):
        path = Path(setting(admin, name))
        path.write_text(f"{line}\n{path.read_text()}")
    admin.execute("select pg_reload_conf()")
    while admin.execute(
        "select count(*) from pg_hba_file_rules where %s = any (database)", (database.name,)
    ).fetchone() == (0,):
        pass


def test_no_password_is_sent(fleet: Database, admin: psycopg.Connection[Any]) -> None:
    asker = fleet.login_dsn("asker")
    admin.execute("grant freehold_resolver to asker")
    options: dict[str, Any] = {"level": "login", "passwordless": True, "listen": False, "limits": Limits(size=2)}
    with Tenants(asker, **options) as tenants, pytest.raises(psycopg.OperationalError), tenants.transaction("acme"):
        pass
    admit(fleet, admin, f"host {fleet.name} +freehold_tenant 127.0.0.1/32 trust")
    with Tenants(asker, **options) as tenants:
        for slug in SLUGS:
            with tenants.transaction(slug) as connection:
                connection.execute("insert into note values (%s)", (slug,))
                assert not connection.pgconn.used_password
                assert connection.execute("select session_user::text, body from note").fetchall() == [
                    (f"tenant_{slug}_rw", slug)
                ]


def test_a_secret_has_no_use_then() -> None:
    with pytest.raises(InvalidArgument, match="without passwords"):
        Tenants("", level="login", passwordless=True, secret=b"x" * 32)
    with pytest.raises(InvalidArgument, match="level role none"):
        Tenants("", level="role", passwordless=True)


def test_a_certificate_is_mapped(fleet: Database, admin: psycopg.Connection[Any], tmp_path: Path) -> None:
    if setting(admin, "ssl_library") != "OpenSSL" or fleet.server.major < 16:
        pytest.skip("the server has no TLS, or maps no patterns")
    asker = fleet.login_dsn("asker")
    admin.execute("grant freehold_resolver to asker")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    issue("app", key, certificate)
    owner = Path(setting(admin, "hba_file")).stat()
    os.chown(key, owner.st_uid, owner.st_gid)
    for name, path in (("ssl_cert_file", certificate), ("ssl_key_file", key), ("ssl_ca_file", certificate)):
        admin.execute(f"alter system set {name} = '{path}'".encode())
    admin.execute("alter system set ssl = on")
    try:
        admit(
            fleet,
            admin,
            f"hostssl {fleet.name} /^tenant_.*_rw$ 127.0.0.1/32 cert map=tenants",
            "tenants app /^tenant_.*_rw$",
        )
        conninfo = make_conninfo(asker, sslmode="require", sslcert=str(certificate), sslkey=str(key))
        with (
            Tenants(conninfo, level="login", passwordless=True, listen=False) as tenants,
            tenants.transaction("acme") as connection,
        ):
            assert connection.execute("select session_user::text").fetchone() == ("tenant_acme_rw",)
    finally:
        for name in ("ssl", "ssl_cert_file", "ssl_key_file", "ssl_ca_file"):
            admin.execute(f"alter system reset {name}".encode())


def issue(name: str, key: Path, certificate: Path) -> None:
    """A certificate that vouches for itself."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    key.write_bytes(private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    key.chmod(0o600)
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
