"""What the environment says of the service: ``FREEHOLD_*``."""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import limits
from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from freehold.errors import InvalidArgument

Group = Literal["admin", "auditor", "worker", "break_glass", "analyst"]


class Issuer(BaseModel):
    """Whose access tokens are taken.

    Attributes:
        issuer: ``iss`` of the tokens.
        audience: ``aud`` of them.
        jwks: The URL of the issuer's keys; None for the one that its discovery document names.
        kind: ``operator``: who runs the fleet. ``user``: members of tenants, who have no role of the control plane.
        roles_claim: Which claim of an operator's token names his roles.
        roles: What the claim's values mean; a value that is not here gives nothing. Empty: the values are the groups.
        actor_prefix: What its subjects have in front of them in the audit trail, as ``staff:``; one issuer needs none.
        client_id: With which the console signs operators in; None for no such sign-in.
        client_secret: Of a confidential client.
        display_name: What the console's button says.
    """

    model_config = ConfigDict(extra="forbid")

    issuer: str
    audience: str
    jwks: AnyHttpUrl | None = None
    kind: Literal["operator", "user"] = "user"
    roles_claim: str = "roles"
    roles: dict[str, list[Group]] = Field(default_factory=dict)
    actor_prefix: str = ""
    client_id: str | None = None
    client_secret: SecretStr | None = None
    display_name: str = "single sign-on"


class Settings(BaseSettings):
    """The service's settings; each is the environment's ``FREEHOLD_`` and the name in upper case.

    Attributes:
        dsn: How to connect; empty for libpq's own variables.
        tenants_dsn: How tenants' transactions connect: as a login in no other group; empty for ``dsn``.
        database_tls: ``require`` refuses a connection without TLS that is neither local nor on loopback.
        pool_size: Connections for functions, and for tenants each, at most.
        statement_timeout: Seconds that a function may take.
        level: Of tenants' transactions: ``role`` or ``login``.
        login_secret_file: At level ``login``, the file of the master secret.
        issuers: Whose tokens are taken, JSON.
        tenant_domain: Tenants are also named by the label before it in ``Host``.
        tenant_header: Tenants are also named by this header.
        cors_origins: Other sites' pages that may call, as ``https://console.example.com``, comma-separated.
        trusted_proxies: Addresses or networks of reverse proxies, comma-separated; they say who the client is.
        body_limit: Bytes of a body at most.
        body_timeout: Seconds in which a body has to be there.
        rate_limit: Calls of one key or user, as ``100/second`` or ``50/second;6000/minute``; empty for none.
        tenant_rate_limit: Calls within one tenant, of all who belong to it.
        failure_rate_limit: Calls of one client address that prove nobody; whoever has more is not listened to.
        idle_streams: Streams of events at one time at most; one caller has half of them.
        stream_interval: Seconds between two looks at what a stream shows; more after one that took long.
        stream_lifetime: Seconds after which a stream ends and the client asks again.
        metrics: Who reads ``/metrics``: ``auditor``, or ``open`` for whoever reaches the port.
        keeper: Whether the background keeper runs inside.
        console: Whether ``/console`` is served.
        console_issuer_lifetime: Seconds after which the console asks an issuer again who somebody is, and what he may.
        public_url: Where browsers reach the service, behind a proxy: ``https://ops.example.com``.
        log_format: ``json`` or ``console``.
    """

    model_config = SettingsConfigDict(env_prefix="FREEHOLD_", extra="ignore", hide_input_in_errors=True)

    dsn: SecretStr = SecretStr("")
    tenants_dsn: SecretStr | None = None
    database_tls: Literal["require", "off"] = "require"
    pool_size: Annotated[int, Field(ge=1, le=1000)] = 10
    statement_timeout: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    level: Literal["role", "login"] = "role"
    login_secret_file: Path | None = None
    issuers: list[Issuer] = Field(default_factory=list)
    tenant_domain: str | None = None
    tenant_header: str | None = None
    cors_origins: Annotated[list[str], NoDecode] = Field(default_factory=list)
    trusted_proxies: Annotated[list[str], NoDecode] = Field(default_factory=list)
    body_limit: Annotated[int, Field(ge=1024)] = 1_048_576
    body_timeout: Annotated[float, Field(gt=0)] = 30.0
    rate_limit: str = "100/second"
    tenant_rate_limit: str = ""
    failure_rate_limit: str = "60/minute"
    idle_streams: Annotated[int, Field(ge=0)] = 200
    stream_interval: Annotated[float, Field(gt=0)] = 1.0
    stream_lifetime: Annotated[float, Field(gt=0)] = 900.0
    metrics: Literal["auditor", "open"] = "auditor"
    keeper: bool = True
    console: bool = True
    console_issuer_lifetime: Annotated[float, Field(ge=60)] = 3600.0
    public_url: AnyHttpUrl | None = None
    log_format: Literal["json", "console"] = "json"

    @field_validator("cors_origins", "trusted_proxies", mode="before")
    @classmethod
    def _apart(cls, value: Any) -> Any:
        return [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def _exact(cls, value: list[str]) -> list[str]:
        for each in value:
            if not _ORIGIN.fullmatch(each):
                raise ValueError("an origin is as a browser sends it, https://host or https://host:port, no pattern")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, value: list[str]) -> list[str]:
        for each in value:
            ipaddress.ip_network(each)
        return value

    @field_validator("public_url")
    @classmethod
    def _root(cls, value: AnyHttpUrl | None) -> AnyHttpUrl | None:
        if value is not None and (value.path not in (None, "/") or value.query or value.fragment or value.username):
            raise ValueError("it is scheme, host and port: the service serves no other path than its own")
        return value

    @field_validator("rate_limit", "tenant_rate_limit", "failure_rate_limit")
    @classmethod
    def _rates(cls, value: str) -> str:
        if value.strip():
            try:
                good = all(each.amount > 0 for each in limits.parse_many(value))
            except ValueError:
                good = False
            if not good:
                raise ValueError("a rate is as 100/second, 6000/minute or 50/second;6000/minute; empty for none")
        return value.strip()


_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](:[0-9]{1,5})?")


def read() -> Settings:
    """What the environment says.

    Raises:
        InvalidArgument: A variable is none, or its name nearly one; which and why, but not what it holds.
    """
    for name in os.environ:
        meant = _meant(name)
        if meant is not None:
            raise InvalidArgument(f"{name}: no variable is called so; is {meant} meant?")
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(_told(each) for each in error.errors(include_input=False, include_url=False))
        raise InvalidArgument(wrong) from None
    except SettingsError as error:
        found = re.search(r'field "(\w+)"', str(error))
        name = found[1].upper() if found else "..."
        raise InvalidArgument(f"FREEHOLD_{name}: is no JSON") from None


def _meant(name: str) -> str | None:
    """The variable that one was to be which is none: mistyped, it would be passed over."""
    prefix, _, own = name.lower().partition("_")
    if prefix != "freehold" or own in Settings.model_fields:
        return None
    found = difflib.get_close_matches(own, Settings.model_fields, 1, 0.85)
    return f"FREEHOLD_{found[0].upper()}" if found else None


def _told(error: Any) -> str:
    name, *within = map(str, error["loc"])
    where = f"FREEHOLD_{name.upper()}" + (f" at {'.'.join(within)}" if within else "")
    return f"{where}: {error['msg'].removeprefix('Value error, ')}"
