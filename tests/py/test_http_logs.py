"""What the log says of a request, and what it never says; and traces, where they are asked for."""

from __future__ import annotations

import gc
import io
import json
import logging
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
import structlog
from fastapi import Body

from freehold.errors import InvalidArgument
from freehold.http import Principal, logs, tracing
from support.callers import fleet, known, notes
from support.database import Database
from support.patience import until
from support.service import TestService, grant_service, running

SECRETS = {
    "key": "fh_12_" + "Ab3_" * 10 + "xyz",
    "token": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg",
    "password": "hunter2-of-the-database",
    "argument": "what-only-the-body-has",
}


class Log(io.StringIO):
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(each) for each in self.getvalue().splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [each for each in self.lines() if each["event"] == event]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """Standard error as the service logs to it, as JSON."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    text = Log()
    monkeypatch.setattr("sys.stderr", text)
    # The test's own client says where it goes.
    monkeypatch.setattr(logging.getLogger("httpx"), "disabled", True)
    logs.configure("json")
    # A service that a test starts would do it anew, and pytest has put its own standard error back.
    monkeypatch.setattr(logs, "configure", lambda _: None)
    yield text
    root.handlers[:], root.level = before
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def tenants(module_database: Database) -> dict[str, str]:
    return fleet(module_database, "acme")


@pytest.fixture(scope="module")
def service(module_database: Database, tenants: dict[str, str]) -> Iterator[TestService]:
    router = notes()

    @router.post("/broken")
    async def fail(argument: str = Body(embed=True)) -> None:
        local = argument + SECRETS["password"]
        raise RuntimeError(f"a fault, with {SECRETS['key']} and {SECRETS['token']} and password={local[-23:]}")

    with running(module_database, tenant_router=router) as service:
        known(service, **tenants)
        yield service


def finished(log: Log, count: int = 1) -> list[dict[str, Any]]:
    until(lambda: len(log.of("request")) >= count)
    return log.of("request")


def test_a_request_is_one_line_that_says_who_where_and_how_long(service: TestService, log: Log) -> None:
    answer = service.client("acme").get("/t/acme/notes/1", headers={"X-Request-Id": "r-1"})
    assert answer.status_code == 200
    (line,) = finished(log)
    assert line.pop("seconds") >= 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request", "level": "info", "logger": "freehold.access", "request_id": "r-1", "method": "GET",
        "route": "/t/{slug}/notes/{number}", "status": 200, "tenant": "acme", "actor": "key:acme",
    }  # fmt: skip


def test_a_key_is_no_id_of_a_request(service: TestService, log: Log) -> None:
    """It would stand in the answer, the log and the audit trail."""
    assert re.fullmatch("[A-Za-z0-9._-]{1,64}", SECRETS["key"])
    answer = service.client("acme").get("/t/acme/notes/1", headers={"X-Request-Id": SECRETS["key"]})
    assert answer.status_code == 200
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
    assert finished(log)[0]["request_id"] == answer.headers["x-request-id"]


def test_of_health_nothing_is_said(service: TestService, log: Log) -> None:
    for path in ("/health", "/ready", "/nothing"):
        service.client().get(path)
    assert [each["status"] for each in finished(log)] == [404]


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_is_logged_wherever_it_comes(service: TestService, log: Log, secret: str) -> None:
    text, client = SECRETS[secret], service.client("admin")
    tries: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/v1/tenant_list", {"headers": {"Authorization": f"Bearer {text}"}}),
        ("GET", "/v1/tenant_list", {"headers": {"Authorization": text}}),
        ("GET", "/v1/tenant_list", {"headers": {"Authorization": f"Basic {text} {text}"}}),
        ("GET", "/v1/tenant_list", {"headers": {"X-Request-Id": f"Bearer {text}"}}),
        ("GET", "/v1/tenant_list", {"headers": {"Cookie": f"session={text}"}}),
        ("GET", "/v1/tenant_get", {"params": {"slug": text}}),
        ("GET", "/v1/tenant_get", {"params": {"access_token": text}}),
        ("GET", f"/t/{text}/notes/1", {}),
        ("GET", f"/nothing/{text}", {}),
        ("POST", "/v1/tenant_suspend", {"json": {"slug": "acme", "reason": text, "password": text}}),
        ("POST", "/v1/tenant_suspend", {"content": f'{{"slug": "{text}'}),
        ("POST", "/v1/user_ensure", {"json": {"issuer": text, "subject": text}}),
        ("POST", "/v1/tenant_provision", {"json": {"slug": "acme", "settings": {"x": text}}}),
        ("POST", "/t/acme/broken", {"json": {"argument": text}}),
        (f"{'X' * 20}", f"/{text}", {}),
    ]
    for method, path, options in tries:
        client.request(method, path, **options)
    finished(log, len(tries))
    shown = log.getvalue()
    assert "request.failed" in shown
    assert text not in shown
    assert SECRETS["password"] not in shown


def test_a_traceback_shows_where_and_no_values(service: TestService, log: Log) -> None:
    answer = service.client("acme").post("/t/acme/broken", json={"argument": SECRETS["argument"]})
    assert answer.status_code == 500
    assert "fault, with" not in answer.text
    finished(log)
    (line,) = log.of("request.failed")
    (trace,) = line["exception"]
    assert trace["exc_type"] == "RuntimeError"
    assert trace["exc_value"] == "a fault, with *** and *** and password=***"
    assert trace["frames"][-1]["name"] == "fail"
    assert not any(frame.get("locals") for frame in trace["frames"])


def test_the_password_of_the_database_is_not_told_when_it_goes(
    module_database: Database, service: TestService, log: Log
) -> None:
    dsn = grant_service(module_database, "test_gone")
    password = re.search(r"password='?([^' ]+)", dsn)
    assert password is not None
    with running(module_database, dsn=dsn) as other:
        known(other)
        with module_database.server.connect() as admin:
            admin.execute("alter role test_gone nologin")
            admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'test_gone'")
            until(lambda: other.client("admin").get("/v1/tenant_list").status_code == 503)
            logging.getLogger("psycopg.pool").warning("it said: %s", f"postgresql://test_gone:{password[1]}@db/crm")
            assert other.client().get("/ready").status_code == 503
    assert "it said: postgresql://***@db/crm" in log.getvalue()
    assert password[1] not in log.getvalue()


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\x1b[2Jb", "a\u2028b", 'a","event":"request', "a\x85b"])
def test_nobody_writes_a_line_of_his_own(service: TestService, log: Log, text: str) -> None:
    callers = known(service)
    callers.known["odd"] = Principal(f"key:{text}", "key", frozenset())
    client, header = service.client("odd"), text.replace("\r", "").replace("\n", "").encode()
    client.headers = httpx.Headers([*client.headers.raw, (b"X-Request-Id", header)])
    client.get("/v1/tenant_list")
    client.request("GET", "/t/%0a%1b%5b2J/notes/1")
    (first, second) = finished(log, 2)
    assert first["actor"] == logs.clean(f"key:{text}")
    if text.isprintable():
        assert re.fullmatch("[0-9a-f]{32}", first["request_id"]), "an id of the client's is fit, or is not his"
    assert second["tenant"] is None
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", log.getvalue())


def test_lines_for_people_have_no_control_characters_either(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    logs.configure("console")
    try:
        logger = logging.getLogger("test")
        logger.warning("a\x1b[2Jb\nforged line fh_1_%s", "x" * 43)
        try:
            secret = SECRETS["password"]
            raise RuntimeError("password=" + secret)
        except RuntimeError:
            logger.exception("failed")
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()
    shown = capsys.readouterr().err
    assert "\x1b[2J" not in shown
    assert "\nforged" not in shown
    assert "Traceback" in shown
    assert SECRETS["password"] not in shown
    assert "xxxx" not in shown


class Collector(BaseHTTPRequestHandler):
    got: list[bytes]

    def do_POST(self) -> None:
        self.got.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Says nothing."""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What an OpenTelemetry collector is sent."""
    got: list[bytes] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Collector,), {"got": got})) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        yield got
        server.shutdown()
        thread.join()
    # What is left of the sender starts a thread in each process that is forked.
    gc.collect()


def test_traces_are_sent_where_the_environment_says(
    module_database: Database, tenants: dict[str, str], collector: list[bytes], log: Log
) -> None:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    sent = {"traceparent": parent, "X-Request-Id": "r-1"}
    with running(module_database, tenant_router=notes()) as service:
        known(service, **tenants)
        service.client("acme").post("/t/acme/notes", json={"number": 987654321, "body": "a-secret-body"}, headers=sent)
        service.client("admin").get("/v1/tenant_get", params={"slug": "acme"})
        service.client("admin").get("/v1/tenant_get", params={"slug": "no-such-slug"})
        service.client().get("/health")
    assert finished(log, 3)[0]["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    spans = [
        span
        for text in collector
        for resource in ExportTraceServiceRequest.FromString(text).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    named = {span.name: span for span in spans}
    assert set(named) == {
        "POST /t/{slug}/notes", "tenant transaction", "GET /v1/tenant_get", "freehold.tenant_get",
    }  # fmt: skip
    request, inner = named["POST /t/{slug}/notes"], named["tenant transaction"]
    assert request.parent_span_id.hex() == "b7ad6b7169203331"
    assert inner.parent_span_id == request.span_id
    attributes = {each.key: each.value.string_value or each.value.int_value for each in request.attributes}
    assert attributes == {
        "http.request.method": "POST", "http.route": "/t/{slug}/notes", "http.response.status_code": 200,
        "freehold.tenant": "acme", "freehold.request_id": "r-1",
    }  # fmt: skip
    failed = [each for span in spans for each in span.attributes if each.key == "error.type"]
    assert [each.value.string_value for each in failed] == ["FH101"]
    everything = b"".join(collector)
    for text in (b"a-secret-body", b"no-such-slug", b"987654321"):
        assert text not in everything
    assert not any(span.events for span in spans)


def test_an_application_that_traces_is_sent_nothing_but_freeholds_spans(
    module_database: Database, tenants: dict[str, str], collector: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    with running(module_database, tenant_router=notes()) as service:
        known(service, **tenants)
        assert service.client("acme").get("/t/acme/notes/1?secret=of-the-query").status_code == 200
    assert not collector
    spans = kept.get_finished_spans()
    assert sorted(span.name for span in spans) == ["GET /t/{slug}/notes/{number}", "tenant transaction"]
    assert "of-the-query" not in str([span.to_json() for span in spans])
    provider.shutdown()


def test_traces_are_off_unless_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not tracing.wanted({})
    assert not tracing.wanted({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"})
    assert not tracing.wanted({"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"})
    assert tracing.wanted({"OTEL_TRACES_EXPORTER": "console"})
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "jaeger")
    with pytest.raises(InvalidArgument, match="OTEL_TRACES_EXPORTER=jaeger"):
        tracing.Tracing()
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.sdk.trace.export", None)
    with pytest.raises(InvalidArgument, match=r"pip install 'freehold\[http,otel\]'"):
        tracing.Tracing()
