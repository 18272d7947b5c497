"""What the environment says of the service: ``FREEHOLD_*``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

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
        database_tls: ``require`` refuses a connection without TLS that is neither local nor on loopback.
        pool_size: Connections for functions, and for tenants each, at most.
        statement_timeout: Seconds that a function may take.
        level: Of tenants' transactions: ``role`` or ``login``.
        login_secret_file: At level ``login``, the file of the master secret.
        issuers: Whose tokens are taken, JSON.
        tenant_domain: Tenants are also named by the label before it in ``Host``.
        tenant_header: Tenants are also named by this header.
        cors_origins: Other sites' pages that may call, comma-separated; none by default.
        body_limit: Bytes of a body at most.
        body_timeout: Seconds in which a body has to be there.
        rate_limit: Calls of one key or user, as ``100/second`` or ``6000/minute``; empty for none.
        tenant_rate_limit: Calls within one tenant.
        idle_streams: Streams of events at one time at most.
        stream_interval: Seconds between two looks at what a stream shows.
        stream_lifetime: Seconds after which a stream ends and the client asks again.
        metrics: Who reads ``/metrics``: ``auditor``, or ``open`` for whoever reaches the port.
        keeper: Whether the background keeper runs inside.
        console: Whether ``/console`` is served.
        public_url: Where browsers reach the service, behind a proxy: ``https://ops.example.com``.
        log_format: ``json`` or ``console``.
    """

    model_config = SettingsConfigDict(env_prefix="FREEHOLD_", extra="ignore")

    dsn: SecretStr = SecretStr("")
    database_tls: Literal["require", "off"] = "require"
    pool_size: Annotated[int, Field(ge=1, le=1000)] = 10
    statement_timeout: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    level: Literal["role", "login"] = "role"
    login_secret_file: Path | None = None
    issuers: list[Issuer] = Field(default_factory=list)
    tenant_domain: str | None = None
    tenant_header: str | None = None
    cors_origins: Annotated[list[str], NoDecode] = Field(default_factory=list)
    body_limit: Annotated[int, Field(ge=1024)] = 1_048_576
    body_timeout: Annotated[float, Field(gt=0)] = 30.0
    rate_limit: str = "100/second"
    tenant_rate_limit: str = ""
    idle_streams: Annotated[int, Field(ge=0)] = 200
    stream_interval: Annotated[float, Field(gt=0)] = 1.0
    stream_lifetime: Annotated[float, Field(gt=0)] = 900.0
    metrics: Literal["auditor", "open"] = "auditor"
    keeper: bool = True
    console: bool = True
    public_url: AnyHttpUrl | None = None
    log_format: Literal["json", "console"] = "json"

    def model_post_init(self, _context: Any, /) -> None:
        """Takes ``cors_origins`` apart, which the environment gives as one text."""
