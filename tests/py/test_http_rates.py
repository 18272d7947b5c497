"""How many calls are let through: of a caller, within a tenant, and of an address that proves nobody."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from freehold.http.problem import Refusal
from freehold.http.rates import Rate, Rates, Window, address_of
from support.callers import fleet, known, notes
from support.database import Database
from support.service import TestService, running

RATES = {"rate_limit": "5/hour", "tenant_rate_limit": "3/hour", "failure_rate_limit": "4/hour"}


@pytest.fixture(scope="module")
def tenants(module_database: Database) -> dict[str, str]:
    return fleet(module_database, "acme", "globex")


@pytest.fixture(scope="module")
def serving(module_database: Database) -> Iterator[TestService]:
    with running(module_database, tenant_router=notes(), **RATES) as service:
        yield service


@pytest.fixture
def service(serving: TestService, tenants: dict[str, str]) -> TestService:
    """Nobody has called it yet."""
    serving.app.state.service.rates = Rates(*RATES.values())
    known(serving, **tenants)
    return serving


def test_a_caller_has_so_many_calls_and_is_told_how_many_are_left(service: TestService) -> None:
    client = service.client("auditor")
    for left in (4, 3, 2, 1, 0):
        answer = client.get("/v1/tenant_list")
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"] == '"caller";q=5;w=3600'
        assert re.fullmatch(rf'"caller";r={left};t=\d+', answer.headers["ratelimit"])
    refused = client.get("/v1/tenant_list")
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
    assert 1 <= int(refused.headers["retry-after"]) <= 3600
    assert refused.json()["title"] == "Too many requests"
    assert refused.headers["ratelimit"].startswith('"caller";r=0;')
    assert service.client("admin").get("/v1/tenant_list").status_code == 200, "another caller's calls are his own"


def test_many_at_once_are_not_one_too_many(service: TestService) -> None:
    client = service.client("admin")
    with ThreadPoolExecutor(12) as pool:
        statuses = Counter(pool.map(lambda _: client.get("/v1/tenant_list").status_code, range(24)))
    assert statuses == {200: 5, 429: 19}


def test_only_who_belongs_to_a_tenant_uses_up_what_it_may(service: TestService) -> None:
    assert service.client("globex").get("/t/acme/notes/1").status_code == 404
    assert service.client("nobody").get("/t/acme/notes/1").status_code == 404
    own = service.client("acme")
    answers = [own.get("/t/acme/notes/1") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"caller";q=5;w=3600, "tenant";q=3;w=3600'
    assert "within a tenant" in answers[3].json()["detail"]
    assert service.client("globex").get("/t/globex/notes/1").status_code == 200


def test_what_proves_nobody_at_sight_counts_as_well(service: TestService) -> None:
    anybody = service.client()
    twice = [("Authorization", "Bearer x"), ("Authorization", "Bearer y")]
    assert [anybody.get("/v1/tenant_list", headers=twice).status_code for _ in range(5)] == [401] * 4 + [429]


def test_nobodys_body_is_parsed(service: TestService, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    loads = json.loads

    def heard(text: str | bytes, **options: Any) -> Any:
        parsed.append(text if isinstance(text, bytes) else text.encode())
        return loads(text, **options)

    # Of the server, which is in this process.
    monkeypatch.setattr(json, "loads", heard)
    body = b'{"name": "nobody at all", "value": "1"}'
    sent: dict[str, Any] = {"content": body, "headers": {"Content-Type": "application/json"}}
    for path in ("/v1/setting_set", "/t/acme/notes", "/t/acme/v1/member_add"):
        service.app.state.service.rates = Rates(*RATES.values())
        nobody = service.client("guess")
        assert [nobody.post(path, **sent).status_code for _ in range(6)] == [401] * 4 + [429] * 2
        assert body not in parsed, path
        service.app.state.service.rates = Rates(*RATES.values())
        assert service.client("nobody").post(path, **sent).status_code in (403, 404, 422)
        assert body in parsed, path
        parsed.clear()


def test_keys_cannot_be_guessed_at_speed(service: TestService, tenants: dict[str, str]) -> None:
    callers = known(service, **tenants)
    good = service.client("auditor")
    assert good.get("/v1/tenant_list").status_code == 200
    statuses = [service.client(f"guess-{n}").get("/v1/tenant_list").status_code for n in range(8)]
    assert statuses == [401] * 4 + [429] * 4
    asked = len(callers.asked)
    # Not even the right guess is told from a wrong one, nor asked for.
    answers = [service.client(name).get("/v1/tenant_list") for name in ("admin", "guess-9")]
    assert [each.status_code for each in answers] == [429, 429]
    assert answers[0].json()["detail"] == answers[1].json()["detail"]
    assert len(callers.asked) == asked
    # Whoever was known before is heard, from the same address.
    assert good.get("/v1/tenant_list").status_code == 200
    # One that was good, and is not any more, is one guess like others.
    del callers.known["auditor"]
    assert [good.get("/v1/tenant_list").status_code for _ in range(2)] == [401, 429]


def test_guesses_that_are_made_at_once_are_counted_before_they_are_answered(service: TestService) -> None:
    with ThreadPoolExecutor(12) as pool:
        statuses = Counter(
            pool.map(lambda n: service.client(f"guess-{n}").get("/v1/tenant_list").status_code, range(24))
        )
    assert statuses == {401: 4, 429: 20}


def test_good_calls_do_not_use_up_the_failures_of_an_address(service: TestService) -> None:
    for name in ("admin", "auditor", "acme", "globex", "nobody"):
        service.client(name).get("/v1/tenant_list")
    assert service.client("guess").get("/v1/tenant_list").status_code == 401


def test_behind_a_proxy_the_client_is_who_the_proxy_says(module_database: Database, tenants: dict[str, str]) -> None:
    def tries(service: TestService, address: str) -> list[int]:
        known(service)
        client = service.client("guess", headers={"X-Forwarded-For": address})
        return [client.get("/v1/tenant_list").status_code for _ in range(3)]

    with running(module_database, failure_rate_limit="2/hour", trusted_proxies=["127.0.0.0/8"]) as service:
        assert tries(service, "192.0.2.1") == [401, 401, 429]
        assert tries(service, "192.0.2.2") == [401, 401, 429]
        assert tries(service, "192.0.2.77, 192.0.2.2") == [429] * 3, "what the client says itself is not believed"
    with running(module_database, failure_rate_limit="2/hour") as service:
        assert tries(service, "192.0.2.1") == [401, 401, 429]
        assert tries(service, "192.0.2.2") == [429] * 3, "nobody is believed who is not named"


def test_an_ipv6_client_is_known_by_its_network() -> None:
    assert address_of(("2001:db8:1:2::5", 1)) == address_of(("2001:db8:1:2:ffff::1", 2)) == "2001:db8:1:2::/64"
    assert address_of(("192.0.2.1", 1)) == "192.0.2.1"
    assert address_of(None) == ""


def test_what_is_kept_of_callers_is_bounded() -> None:
    async def crowd() -> None:
        rate = Rate("caller", "2/hour", most=100)
        for number in range(1000):
            await rate.hit(f"caller-{number}")
        assert len(rate.window) == 100
        await rate.hit("caller-999")
        with pytest.raises(Refusal):
            await rate.hit("caller-999")
        rates = Rates("", "", "1000/second")
        for number in range(20_000):
            rates.remember(f"Bearer {number}")
        assert len(rates._proved) == 10_000

    asyncio.run(crowd())


def test_a_window_slides(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 36_000.0
    monkeypatch.setattr("freehold.http.rates.time.time", lambda: now)

    async def calls() -> int:
        count = 0
        while await window.acquire_sliding_window_entry("who", 10, 60):
            count += 1
        return count

    window = Window()
    assert asyncio.run(calls()) == 10
    now += 60
    assert asyncio.run(calls()) == 0, "a new minute is not a new ten at once"
    now += 30
    assert asyncio.run(calls()) == 5
    now += 300
    assert asyncio.run(calls()) == 10


def test_several_rates_hold_at_once() -> None:
    async def calls() -> None:
        rate = Rate("caller", "2/hour;3/day")
        headers = await rate.hit("who")
        assert headers["RateLimit-Policy"] == '"caller-3600";q=2;w=3600, "caller-86400";q=3;w=86400'
        await rate.hit("who")
        with pytest.raises(Refusal) as caught:
            await rate.hit("who")
        assert caught.value.status == 429
        assert await Rate("caller", "").hit("who") == {}

    asyncio.run(calls())
