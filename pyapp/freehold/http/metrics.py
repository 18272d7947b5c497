"""``/metrics``, for Prometheus: what this process has seen, and what the database says of the installation.

No label names a tenant: there are too many, and whoever reads the metrics need not know them.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import psycopg
import structlog
from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from psycopg_pool import PoolTimeout
from starlette.responses import Response

from freehold.catalog import Function
from freehold.http import service as services
from freehold.http.problem import STATUSES

_FRESH = 10.0
"""Seconds for which the database's figures are good."""
_PATIENCE = 5.0
"""Seconds in which the database has to answer."""
_REASONS = {401: "unauthenticated", 403: "not_allowed", 404: "not_found", 408: "too_slow", 413: "too_large",
            429: "too_many"}  # fmt: skip
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
_TEXTS = {
    "tenants": "Tenants by state.",
    "operations_running": "Operations that run, by kind.",
    "operations_failed": "Operations that failed within the hour, of the latest thousand, by kind.",
    "rollout_tenants": "Tenants of open rollouts, by state.",
    "reserve": "Schemas made ahead: ready, stale and unfinished.",
    "catalog_relations": "Rows of pg_class.",
    "catalog_attributes": "Rows of pg_attribute.",
    "oldest_transaction_seconds": "Age of the oldest transaction that the owner of freehold may see.",
    "oldest_transaction_age": "Transactions begun since the oldest one that runs.",
    "task_last_run_seconds": "When a task of the keeper last ran, as Unix time.",
    "task_failures": "How often a task of the keeper has failed since it last did not.",
}

log = structlog.get_logger("freehold.http")
Figure = tuple[str, Mapping[str, str], float]


class Figures:
    """What a service measures; one registry each, so that several may live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self._requests = Counter(
            "freehold_http_requests", "Requests by route, method and class of status.", ["method", "route", "status"],
            registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "freehold_http_request_seconds", "Seconds until an answer began.", ["method", "route"],
            registry=self.registry, buckets=_BUCKETS,
        )  # fmt: skip
        self._refused = Counter(
            "freehold_http_refused", "Requests that were refused, by reason.", ["reason"], registry=self.registry
        )
        for reason in _REASONS.values():
            self._refused.labels(reason)
        # By what they are counted: to look them up by their labels takes longer than to count.
        self._counted: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._lock = asyncio.Lock()
        self._at = float("-inf")
        self.known: list[Figure] = []
        self.up = False

    def served(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Counts a request.

        Args:
            method: Its method.
            route: The route as it is declared; None for none.
            status: Of the answer.
            seconds: Until that began.
        """
        method, route = method if method in _METHODS else "other", route or "none"
        key = method, route, status // 100
        counted = self._counted.get(key)
        if counted is None:
            counted = self._requests.labels(method, route, f"{key[2]}xx"), self._seconds.labels(method, route)
            self._counted[key] = counted
        counted[0].inc()
        counted[1].observe(seconds)
        if status in _REASONS:
            self._refused.labels(_REASONS[status]).inc()

    async def refresh(self, here: services.Service) -> None:
        """Asks the database, unless that was done a moment ago; one caller at a time."""
        async with self._lock:
            if time.monotonic() - self._at < _FRESH:
                return
            try:
                self.known, self.up = await asyncio.wait_for(_ask(here), _PATIENCE), True
            except (psycopg.Error, PoolTimeout, asyncio.TimeoutError) as error:
                log.warning("metrics.database", error=type(error).__name__)
                self.known, self.up = [], False
            self._at = time.monotonic()


class _Current(Collector):
    """What is as it is at the moment of asking."""

    def __init__(self, here: services.Service) -> None:
        self._here = here

    def describe(self) -> Iterable[Metric]:
        """Nothing: names depend on what the database says."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All of it."""
        figures = self._here.figures
        yield GaugeMetricFamily("freehold_up", "Whether the database answers.", float(figures.up))
        yield GaugeMetricFamily("freehold_http_streams", "Open streams of events.", self._here.streams)
        yield from self._pools()
        yield CounterMetricFamily(
            "freehold_access_unrecorded", "Transactions that the access log lacks.", self._here.tenants.unrecorded
        )
        families: dict[str, GaugeMetricFamily] = {}
        for name, labels, value in figures.known:
            family = families.get(name)
            if family is None:
                text = _TEXTS.get(name, name)
                families[name] = family = GaugeMetricFamily(f"freehold_{name}", text, labels=sorted(labels))
            family.add_metric([labels[each] for each in sorted(labels)], value)
        yield from families.values()

    def _pools(self) -> Iterator[Metric]:
        connections = GaugeMetricFamily("freehold_pool_connections", "Connections of a pool.", labels=["pool", "state"])
        waiting = GaugeMetricFamily("freehold_pool_waiting", "Who waits for a connection.", labels=["pool"])
        refused = CounterMetricFamily("freehold_pool_refused", "Who got no connection in time.", labels=["pool"])
        control, tenants = self._here.database.counts(), self._here.tenants.counts()
        misses = {"control": control["refused"], "tenants": sum(self._here.tenants.refused.values())}
        for pool, counts in (("control", control), ("tenants", tenants)):
            connections.add_metric([pool, "open"], counts["open"])
            connections.add_metric([pool, "idle"], counts["idle"])
            waiting.add_metric([pool], counts["waiting"])
            refused.add_metric([pool], misses[pool])
        yield from (connections, waiting, refused)


async def _ask(here: services.Service) -> list[Figure]:
    function = here.catalog.functions.get("metric_list")
    if function is None or not function.groups:
        # It answers; what it has is of a version without figures, or not for this login.
        async with here.database.transaction(here.catalog.role("resolver"), "metrics", "", timeout=_PATIENCE):
            return []
    async with here.database.transaction(
        here.catalog.role(function.groups[0]), "metrics", "", read_only=True, timeout=_PATIENCE
    ) as connection:
        query = "select name, labels::text, value from freehold.metric_list()"
        rows = await (await connection.execute(query)).fetchall()
        found: list[Figure] = [(name, json.loads(labels), value) for name, labels, value in rows]
        if _readable(here.catalog.functions.get("task_list"), function.groups[0]):
            found += await _tasks(connection)
    return found


def _readable(function: Function | None, group: str) -> bool:
    return function is not None and group in function.groups


async def _tasks(connection: Any) -> list[Figure]:
    query = "select name, failures, extract(epoch from last_started_at)::float8 from freehold.task_list()"
    found: list[Figure] = []
    for name, failures, last in await (await connection.execute(query)).fetchall():
        found.append(("task_failures", {"task": name}, float(failures)))
        if last is not None:
            found.append(("task_last_run_seconds", {"task": name}, last))
    return found


router = APIRouter(tags=["health"])


_TEXT = {"description": "As Prometheus reads them.", "content": {"text/plain": {"schema": {"type": "string"}}}}
_WRONG = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: _TEXT, **{code: {"description": STATUSES[code], "content": _WRONG} for code in (401, 403, 429, 503)},
}  # fmt: skip


@router.get("/metrics", response_class=Response, responses=_ANSWERS)
async def metrics(request: Request) -> Response:
    """What the service and its installation are doing, for Prometheus."""
    here = services.service(request)
    if here.settings.metrics != "open":
        caller = await services.principal(request)
        # Where what is installed is older than this, setting_list() is granted to the same.
        known = here.catalog.functions
        here.group(caller, known.get("metric_list", known["setting_list"]))
    await here.figures.refresh(here)
    encode, kind = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(here.figures.registry), headers={"Content-Type": kind})


def install(here: services.Service) -> None:
    """Lets the figures of a service show its pools, its streams and its database."""
    here.figures.registry.register(_Current(here))
