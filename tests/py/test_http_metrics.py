"""What /metrics says, to whom, and what it does not say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from freehold.http.rates import Rates
from support.callers import fleet, known, notes
from support.database import Database
from support.service import TestService, grant_service, running

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def tenants(module_database: Database) -> dict[str, str]:
    return fleet(module_database, "acme", "globex")


@pytest.fixture(scope="module")
def serving(module_database: Database, tenants: dict[str, str]) -> Iterator[TestService]:
    with running(module_database, tenant_router=notes(), body_limit=1024) as service:
        known(service, **tenants)
        yield service


@pytest.fixture
def service(serving: TestService, monkeypatch: pytest.MonkeyPatch) -> TestService:
    """Nobody has guessed yet; what it counts goes on."""
    monkeypatch.setattr("freehold.http.metrics._FRESH", 0.0)
    serving.app.state.service.rates = Rates("", "", "2/hour")
    return serving


def samples(service: TestService, caller: str | None = "auditor") -> Samples:
    answer = service.client(caller).get("/metrics")
    assert answer.status_code == 200, answer.text
    return {
        (each.name, frozenset(each.labels.items())): each.value
        for family in text_string_to_metric_families(answer.text)
        for each in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((f"freehold_{name}", frozenset(labels.items())))


def test_the_fleet_is_counted_as_the_database_has_it(service: TestService, module_database: Database) -> None:
    control = module_database.control()
    control.tenant_suspend("globex", "unpaid")
    control.reserve_fill_step("default", 1)
    control.operation_failed("provision", "initech", "FH201", "it is there")
    found = samples(service)
    assert value(found, "up") == 1
    assert value(found, "tenants", state="active") == 1
    assert value(found, "tenants", state="suspended") == 1
    assert value(found, "tenants", state="erasing") == 0
    assert value(found, "operations_failed", kind="provision") == 1
    assert value(found, "reserve", template="default", state="ready") == 1
    assert value(found, "reserve", template="default", state="stale") == 0
    assert (value(found, "catalog_attributes") or 0) > (value(found, "catalog_relations") or 0) > 100
    control.tenant_resume("globex")


def test_an_open_rollout_is_seen_to_move(service: TestService, module_database: Database) -> None:
    connection = module_database.connect(module_database.admin_dsn)
    query = (
        "with r as (insert into freehold.rollout (template, direction, state, plan_digest, lock_timeout, "
        "statement_timeout, max_failures, max_failure_percent, attempts, pause_after, created_at, created_by) "
        "values ('default', 'apply', %s, 'x', '1s', '1s', 0, 0, 1, 'never', now(), 'me') returning id) "
        "insert into freehold.rollout_tenant (rollout_id, home_id, slug, wave, ordinal, state) "
        "select r.id, t.id, t.slug, 1, 1, case t.slug when 'acme' then 'done' else 'pending' end "
        "from r, freehold.tenant as t returning rollout_id"
    )
    row = connection.execute(query, ("paused",)).fetchone()
    assert row is not None
    number = str(row[0])
    found = samples(service)
    states = ("done", "pending", "failed", "claimed", "skipped")
    assert [value(found, "rollout_tenants", rollout=number, state=each) for each in states] == [1, 1, 0, 0, 0]
    connection.execute("update freehold.rollout set state = 'aborted'")
    assert not [name for name, _ in samples(service) if name == "freehold_rollout_tenants"]
    connection.execute("delete from freehold.rollout")


def test_the_oldest_transaction_is_found(service: TestService, module_database: Database) -> None:
    admin = module_database.connect(module_database.admin_dsn)
    admin.execute("grant pg_read_all_stats to freehold_owner")
    holder = module_database.connect()
    with holder.transaction():
        holder.execute("select pg_current_xact_id()")
        for _ in range(5):
            admin.execute("select pg_current_xact_id()")
        found = samples(service)
        assert (value(found, "oldest_transaction_seconds") or 0) > 0
        assert (value(found, "oldest_transaction_age") or 0) >= 5
    admin.execute("revoke pg_read_all_stats from freehold_owner")


def test_requests_are_counted_by_route_and_refusals_by_reason(service: TestService) -> None:
    before = samples(service)
    client = service.client("admin")
    for path in ("/v1/tenant_get?slug=acme", "/v1/tenant_get?slug=globex", "/v1/tenant_get?slug=none", "/nothing/1"):
        client.get(path)
    client.post("/v1/tenant_suspend", content=b" " * 2000)
    service.client("nobody").get("/v1/tenant_list")
    service.client("acme").get("/t/acme/notes/1")
    for _ in range(3):
        service.client("guess").get("/v1/tenant_list")
    client.request("BREW", "/v1/tenant_list")
    after = samples(service)
    found = {each: counted - before.get(each, 0) for each, counted in after.items()}
    assert value(found, "http_requests_total", method="GET", route="/v1/tenant_get", status="2xx") == 2
    assert value(found, "http_requests_total", method="GET", route="/v1/tenant_get", status="4xx") == 1
    assert value(found, "http_requests_total", method="GET", route="/t/{slug}/notes/{number}", status="2xx") == 1
    assert value(found, "http_requests_total", method="GET", route="none", status="4xx") == 1
    assert value(found, "http_requests_total", method="other", route="/v1/tenant_list", status="4xx") == 1
    assert value(found, "http_request_seconds_count", method="GET", route="/v1/tenant_get") == 3
    reasons = {"not_found": 2, "too_large": 1, "not_allowed": 1, "unauthenticated": 2, "too_many": 1, "too_slow": 0}
    assert {each: value(found, "http_refused_total", reason=each) for each in reasons} == reasons


def test_pools_and_streams_are_seen(service: TestService) -> None:
    service.client("acme").get("/t/acme/notes/1")
    with service.client("admin").stream("GET", "/v1/tenant_list", headers={"Accept": "text/event-stream"}):
        found = samples(service)
    assert value(found, "http_streams") == 1
    for pool in ("control", "tenants"):
        assert (value(found, "pool_connections", pool=pool, state="open") or 0) >= 1
        assert value(found, "pool_waiting", pool=pool) == 0
        assert value(found, "pool_refused_total", pool=pool) == 0
    assert value(found, "access_unrecorded_total") == 0


def test_no_tenant_is_named(service: TestService, tenants: dict[str, str]) -> None:
    service.client("acme").get("/t/acme/notes/1")
    service.client("acme").get("/t/globex/notes/1")
    text = service.client("auditor").get("/metrics").text
    for slug, identity in tenants.items():
        assert slug not in text
        assert identity not in text


def test_metrics_are_the_auditors_or_open(module_database: Database, service: TestService) -> None:
    assert service.client("admin").get("/metrics").status_code == 200
    assert service.client("nobody").get("/metrics").status_code == 403
    assert service.client("acme").get("/metrics").status_code == 403
    assert service.client().get("/metrics").status_code == 401
    with running(module_database, metrics="open") as opened:
        assert value(samples(opened, None), "up") == 1


def test_a_login_that_may_read_nothing_still_says_that_the_database_is_up(module_database: Database) -> None:
    dsn = grant_service(module_database, "test_bare", ("resolver", "member"))
    with running(module_database, dsn=dsn, metrics="open") as service:
        found = samples(service, None)
    assert value(found, "up") == 1
    assert value(found, "tenants", state="active") is None


def test_the_database_is_asked_once_in_a_while_by_one(service: TestService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("freehold.http.metrics._FRESH", 3600.0)
    here = service.app.state.service
    before = samples(service)
    asked: list[str] = []
    transaction = here.database.transaction

    def noted(role: str, *given: Any, **named: Any) -> Any:
        asked.append(role)
        return transaction(role, *given, **named)

    monkeypatch.setattr(here.database, "transaction", noted)
    assert value(samples(service), "tenants", state="active") == value(before, "tenants", state="active")
    assert asked == []
    monkeypatch.setattr("freehold.http.metrics._FRESH", 0.0)
    samples(service)
    assert asked == ["freehold_auditor"]


def test_a_database_that_is_down_leaves_the_processs_own_figures(
    module_database: Database, service: TestService
) -> None:
    samples(service)
    with module_database.server.connect() as admin:
        name = module_database.name
        admin.execute(f'alter database "{name}" allow_connections false')
        try:
            admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))
            found = samples(service)
            assert service.client().get("/ready").status_code == 503
        finally:
            admin.execute(f'alter database "{name}" allow_connections true')
    assert value(found, "up") == 0
    assert value(found, "tenants", state="active") is None
    assert value(found, "http_streams") == 0
    assert ("process_cpu_seconds_total", frozenset()) in found
