"""Traces by OpenTelemetry, where the standard ``OTEL_*`` variables ask for them; else nothing, at no cost.

Spans of the request, of each function called and of each tenant's transaction. No span has an argument's value, or a
message that may quote one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from freehold.errors import InvalidArgument

_tracer: ContextVar[Any] = ContextVar("freehold_tracer", default=None)


def wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment asks for traces."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    exporter = environment.get("OTEL_TRACES_EXPORTER", "")
    named = any(environment.get(f"OTEL_EXPORTER_OTLP_{each}ENDPOINT") for each in ("", "TRACES_"))
    return exporter != "none" and bool(exporter or named)


class Tracing:
    """Makes and sends the spans of a service.

    Raises:
        InvalidArgument: What is needed is not installed, or the exporter is none that is known.
    """

    def __init__(self) -> None:
        try:
            from opentelemetry import trace
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ModuleNotFoundError as error:
            raise InvalidArgument(f"OTEL_* asks for traces, and {error.name} is missing: {_EXTRA}") from None
        known = trace.get_tracer_provider()
        self._own: Any = None
        if not isinstance(known, TracerProvider):
            named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": "freehold"}
            known = self._own = TracerProvider(resource=Resource.create(named))
            known.add_span_processor(BatchSpanProcessor(_exporter()))
        self.tracer: Any = known.get_tracer("freehold.http")

    def close(self) -> None:
        """Sends what was not yet."""
        if self._own is not None:
            self._own.shutdown()
            # What is kept of it starts a thread in each process that is forked later.
            self._own = self.tracer = None

    @contextlib.contextmanager
    def request(self, scope: Mapping[str, Any], request_id: str) -> Iterator[Any]:
        """The span of a request, a child of the caller's where he says so; spans within are its children."""
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        carried = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
                   if name in (b"traceparent", b"tracestate")}  # fmt: skip
        token = _tracer.set(self.tracer)
        try:
            with self.tracer.start_as_current_span(
                scope["method"], context=TraceContextTextMapPropagator().extract(carried), kind=SpanKind.SERVER,
                attributes={"http.request.method": scope["method"], "freehold.request_id": request_id},
                record_exception=False, set_status_on_exception=False,
            ) as span:  # fmt: skip
                yield span
        finally:
            _tracer.reset(token)


def _exporter() -> Any:
    name = os.environ.get("OTEL_TRACES_EXPORTER", "otlp").strip() or "otlp"
    if name == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter()
    if name != "otlp":
        raise InvalidArgument(f"OTEL_TRACES_EXPORTER={name}: otlp, console or none")
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    if protocol not in (None, "", "http/protobuf"):
        raise InvalidArgument(f"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}: http/protobuf is what is sent")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ModuleNotFoundError as error:
        raise InvalidArgument(f"OTEL_* asks for traces, and {error.name} is missing: {_EXTRA}") from None
    return OTLPSpanExporter()


_EXTRA = "pip install 'freehold[http,otel]'"


def trace_id(span: Any) -> str:
    """The id of a span's trace, as it stands in logs."""
    return f"{span.get_span_context().trace_id:032x}"


def ended(span: Any, method: str, route: str | None, status: int, tenant: str | None) -> None:
    """Says of a request's span how it went."""
    span.update_name(f"{method} {route}" if route else method)
    span.set_attribute("http.response.status_code", status)
    for name, value in (("http.route", route), ("freehold.tenant", tenant)):
        if value is not None:
            span.set_attribute(name, value)
    if status >= 500:
        _failed(span, str(status))


_NONE = contextlib.nullcontext()


def span(name: str, **attributes: str) -> contextlib.AbstractContextManager[None]:
    """A span within a request; nothing outside of one, or where there are no traces.

    Args:
        name: What is done.
        attributes: Of the span, ``.`` as ``__``; no values of arguments.
    """
    tracer = _tracer.get()
    return _NONE if tracer is None else _span(tracer, name, attributes)


@contextlib.contextmanager
def _span(tracer: Any, name: str, attributes: Mapping[str, str]) -> Iterator[None]:
    given = {key.replace("__", "."): value for key, value in attributes.items()}
    with tracer.start_as_current_span(
        name, attributes=given, record_exception=False, set_status_on_exception=False
    ) as made:
        try:
            yield
        except Exception as error:
            _failed(made, str(getattr(error, "sqlstate", None) or type(error).__name__))
            raise


def _failed(made: Any, kind: str) -> None:
    from opentelemetry.trace import StatusCode

    made.set_attribute("error.type", kind)
    made.set_status(StatusCode.ERROR)
