"""What a client may not do to the service: too large, too slow, too many, from elsewhere; and how that is answered."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from freehold.errors import InvalidArgument
from freehold.http import settings
from freehold.http.app import _App, _known
from freehold.http.connection import Protocol
from freehold.http.metrics import Figures
from freehold.http.middleware import BodyLimit, Gate
from support.callers import fleet, known, notes
from support.database import Database
from support.patience import until
from support.service import TestService, running

SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
}
SETTINGS: dict[str, Any] = {
    "body_limit": 2048, "body_timeout": 0.3, "idle_streams": 2, "stream_interval": 0.02,
    "cors_origins": ["https://console.example.com"], "trusted_proxies": ["192.0.2.0/24", "127.0.0.1"],
}  # fmt: skip


def broken() -> APIRouter:
    router = notes()

    @router.get("/broken")
    async def fail() -> None:
        secret = "hunter2"
        raise RuntimeError("nobody expected this of " + secret[:3])

    return router


@pytest.fixture(scope="module")
def service(module_database: Database) -> Iterator[TestService]:
    tenants = fleet(module_database, "acme")
    with running(module_database, tenant_router=broken(), **SETTINGS) as service:
        known(service, **tenants)
        yield service


def speak(service: TestService, data: bytes) -> bytes:
    """What the server says to some bytes, until it closes the connection."""
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(data)
        answer = b""
        # What it did not read, it resets.
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            while chunk := connection.recv(65_536):
                answer += chunk
    return answer


def request(path: str, *headers: str, method: str = "POST", body: bytes = b"") -> bytes:
    lines = (f"{method} {path} HTTP/1.1", "Host: test", "Authorization: Bearer admin", *headers, "", "")
    return "\r\n".join(lines).encode("latin-1") + body


def problem(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    return dict(json.loads(body))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200), ("GET", "/health", 200), ("GET", "/nothing/here", 404), ("DELETE", "/v1/tenant_list", 405),
        ("GET", "/v1/tenant_suspend", 405), ("POST", "/v1/tenant_suspend", 422), ("GET", "/t/acme/broken", 500),
        ("GET", "/openapi.json", 200), ("POST", "/openapi.json", 405), ("TRACE", "/v1/tenant_list", 405),
    ],
)  # fmt: skip
def test_every_answer_has_the_headers_and_every_refusal_is_a_problem(
    service: TestService, method: str, path: str, status: int
) -> None:
    answer = service.client("admin").request(method, path, headers={"X-Request-Id": "r-1"})
    assert answer.status_code == status
    assert SECURITY.items() <= dict(answer.headers).items()
    assert answer.headers["x-request-id"] == "r-1"
    assert "server" not in answer.headers
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status
        assert answer.json()["request_id"] == "r-1"
        assert "nobody expected" not in answer.text
    if status == 405:
        assert "OPTIONS" in answer.headers["allow"]


def test_what_fails_in_middleware_is_a_problem_too(service: TestService, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> int:
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr("freehold.http.middleware._announced", fail)
    answer = service.client("admin").post("/v1/tenant_list")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert SECURITY.items() <= dict(answer.headers).items()


def test_an_applications_own_middleware_is_passed_first() -> None:
    class Own:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(scope, receive, send)

    def app(*outer: Any) -> Any:
        made = _App()
        made.add_middleware(BodyLimit, limit=1, timeout=1.0, known=_known)
        made.add_middleware(Gate, figures=Figures())
        for each in outer:
            made.add_middleware(each)
        return made.build_middleware_stack()

    assert type(app()) is Gate
    assert type(app(Own)) is Own
    assert type(app(Own).app) is Gate
    # One that is made by a function is not found by its class: then nothing is left out.
    assert type(app(lambda inner: Own(inner))) is ServerErrorMiddleware


def test_the_root_says_where_to_go_on(service: TestService) -> None:
    assert service.client().get("/").json() == {
        "service": "freehold", "openapi": "/openapi.json", "console": "/console",
    }  # fmt: skip


def test_head_is_get_without_a_body(service: TestService) -> None:
    client = service.client("admin")
    given, asked = client.get("/v1/tenant_list"), client.head("/v1/tenant_list")
    assert (asked.status_code, asked.content) == (200, b"")
    for name in ("etag", "content-length", "content-type"):
        assert asked.headers[name] == given.headers[name]
    assert client.head("/v1/tenant_suspend").status_code == 405
    assert client.head("/v1/tenant_list", headers={"Accept": "text/event-stream"}).status_code == 200, "and ends"
    assert service.client("guess").head("/v1/tenant_list").status_code == 401
    # The connection can be used again: nothing of a body was left in it.
    assert client.get("/health").json() == {"status": "ok"}


def test_options_tells_the_methods(service: TestService) -> None:
    answer = service.client().options("/v1/tenant_list")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, "GET, HEAD, OPTIONS", b"")
    assert service.client().options("/v1/tenant_suspend").headers["allow"] == "OPTIONS, POST"
    assert service.client().options("/nothing").status_code == 404


def test_browsers_are_told_to_stay_with_tls_where_they_came_by_it(service: TestService) -> None:
    assert "strict-transport-security" not in service.client().get("/health").headers
    answer = service.client().get("/health", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_a_body_that_is_announced_too_large_is_not_waited_for(service: TestService) -> None:
    answer = speak(service, request("/v1/tenant_suspend", "Content-Length: 99999999999"))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert problem(answer)["detail"] == "a body has 2048 bytes at most"


def test_a_body_that_grows_too_large_is_cut_off(service: TestService) -> None:
    chunks = b"400\r\n" + b" " * 1024 + b"\r\n"
    answer = speak(service, request("/v1/tenant_suspend", "Transfer-Encoding: chunked", body=chunks * 3))
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_that_takes_too_long_is_given_up(service: TestService) -> None:
    answer = speak(service, request("/v1/tenant_suspend", "Content-Length: 100", body=b'{"slug"'))
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert problem(answer)["detail"] == "the body took longer than 0.3 s"


def test_headers_that_do_not_end_are_given_up(service: TestService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Protocol, "patience", 0.2)
    assert speak(service, b"GET /health HTTP/1.1\r\nHost: te").startswith(b"HTTP/1.1 408 ")
    assert speak(service, b"") == b"", "nor is a connection on which nothing comes kept"
    # Not the first request of a connection, either.
    answer = speak(service, request("/health", method="GET") + b"GET /heal")
    assert [answer.count(each) for each in (b"HTTP/1.1 200 ", b"HTTP/1.1 408 ")] == [1, 1]


def test_a_request_that_takes_its_time_is_not_given_up(service: TestService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Protocol, "patience", 0.1)
    with service.client("admin").stream("GET", "/v1/tenant_list", headers={"Accept": "text/event-stream"}) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: change"
        service.client("admin").post("/v1/tenant_suspend", json={"slug": "acme", "reason": "a stream"})
        until(lambda: "a stream" in next(lines))
    service.client("admin").post("/v1/tenant_resume", json={"slug": "acme"})


@pytest.mark.parametrize(
    "data",
    [
        request("/health", "X-Large: " + "x" * 200_000, method="GET"),
        b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: test\r\n\r\n",
        b"\x16\x03\x01 this is no HTTP\r\n\r\n",
        request("/health", "Content-Length: 1", "Content-Length: 2", method="GET"),
        request("/v1/tenant_suspend", "Transfer-Encoding: chunked", body=b"zz\r\n"),
        request("/health", "Bad Header: x", method="GET"),
        request("/health", "X: a\x00b", method="GET"),
    ],
    ids=["header", "target", "binary", "lengths", "chunk", "name", "value"],
)
def test_what_is_no_request_is_refused_and_the_connection_closed(service: TestService, data: bytes) -> None:
    answer = speak(service, data)
    assert not answer or answer.split(b" ", 2)[1] == b"400"
    assert service.client().get("/health").status_code == 200


def test_streams_are_so_many_and_are_counted_to_their_end(service: TestService) -> None:
    here, events = service.app.state.service, {"Accept": "text/event-stream"}
    until(lambda: here.streams == 0)
    with contextlib.ExitStack() as stack:
        client = service.client("admin")
        opened = [
            stack.enter_context(service.client(name).stream("GET", "/v1/tenant_list", headers=events))
            for name in ("admin", "auditor")
        ]
        assert [each.status_code for each in opened] == [200, 200]
        refused = client.get("/v1/tenant_list", headers=events)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert refused.json()["detail"] == "too many streams are open"
        assert client.get("/v1/tenant_list").status_code == 200
    # The clients are gone.
    until(lambda: here.streams == 0)
    assert client.get("/v1/tenant_get", params={"slug": "none"}, headers=events).status_code == 404
    assert here.streams == 0


def test_other_sites_pages_may_not_call_but_those_that_are_named(service: TestService) -> None:
    client = service.client("admin")
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    good = client.options("/v1/tenant_suspend", headers=preflight | {"Origin": "https://console.example.com"})
    assert good.headers["access-control-allow-origin"] == "https://console.example.com"
    assert "access-control-allow-credentials" not in good.headers
    for origin in (
        "https://evil.example.com", "http://console.example.com", "https://console.example.com:8443", "null",
        "https://console.example.com.evil.net", "https://sub.console.example.com",
    ):  # fmt: skip
        assert (
            "access-control-allow-origin"
            not in client.options("/v1/tenant_suspend", headers=preflight | {"Origin": origin}).headers
        )
        assert "access-control-allow-origin" not in client.get("/v1/tenant_list", headers={"Origin": origin}).headers


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("cors_origins", "*", "an origin is"), ("cors_origins", "https://a.example,https://b.example/", "an origin is"),
        ("cors_origins", "null", "an origin is"), ("cors_origins", "https://*.example.com", "an origin is"),
        ("rate_limit", "fast", "a rate is"), ("rate_limit", "0/second", "a rate is"),
        ("trusted_proxies", "*", "IPv4 or IPv6"), ("pool_size", "0", "greater than or equal to 1"),
        ("pool_size", "many-hunter2", "valid integer"), ("database_tls", "perhaps", "'require' or 'off'"),
        ("issuers", "{not json hunter2", "is no JSON"), ("issuers", '[{"issuer": "x"}]', "at 0.audience"),
        ("statement_timeout", "nan", "86400"), ("body_timeout", "0", "greater than 0"), ("metrics", "everybody", "'auditor' or 'open'"),
    ],
)  # fmt: skip
def test_a_setting_that_is_none_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"FREEHOLD_{name.upper()}", value)
    with pytest.raises(InvalidArgument) as caught:
        settings.read()
    message = str(caught.value)
    assert message.startswith(f"FREEHOLD_{name.upper()}")
    assert said in message
    assert "hunter2" not in message


def test_a_variable_that_is_mistyped_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "FREEHOLD_HOME",
        "FREEHOLD_MIGRATIONS",
        "FREEHOLD_SIGNING_KEY",
        "FREEHOLD_STORAGE_BUCKET",
        "FREEHOLD_SOMETHING",
    ):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("FREEHOLD_POOL_SIZE", "7")
    assert settings.read().pool_size == 7
    monkeypatch.setenv("FREEHOLD_TRUSTED_PROXY", "hunter2")
    with pytest.raises(InvalidArgument) as caught:
        settings.read()
    assert str(caught.value) == "FREEHOLD_TRUSTED_PROXY: no variable is called so; is FREEHOLD_TRUSTED_PROXIES meant?"


def test_lists_come_as_text_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREEHOLD_CORS_ORIGINS", "https://a.example, http://localhost:5173,")
    monkeypatch.setenv("FREEHOLD_TRUSTED_PROXIES", "10.0.0.0/8, ::1")
    found = settings.read()
    assert found.cors_origins == ["https://a.example", "http://localhost:5173"]
    assert found.trusted_proxies == ["10.0.0.0/8", "::1"]
    monkeypatch.delenv("FREEHOLD_CORS_ORIGINS")
    assert settings.read().cors_origins == []
