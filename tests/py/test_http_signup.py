"""Sign-up over HTTP, and the keeper inside the service."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from support.database import Database
from support.patience import until
from support.service import TestService, key, running

SIGNUP = {"issuer": "https://login.example.com", "subject": "alice", "email": "alice@example.com", "slug": "acme"}


@pytest.fixture(scope="module")
def service(module_database: Database) -> Iterator[TestService]:
    control = module_database.control()
    control.template_create("default")
    control.template_apply("default", "create table note (id int generated always as identity, body text not null);")
    control.template_freeze("default")
    control.template_seed_set(
        "default",
        "insert into note (body) values (coalesce(current_setting('freehold.seed')::jsonb ->> 'first', 'hello'))",
    )
    with running(module_database, keeper=True) as service:
        yield service


@pytest.fixture(scope="module")
def admin(module_database: Database, service: TestService) -> httpx.Client:
    return service.client(key(module_database, "admin"))


def test_one_call_takes_a_customer_to_the_first_row(admin: httpx.Client, module_database: Database) -> None:
    asked = SIGNUP | {"seed": {"first": "welcome"}}
    headers = {"Prefer": "wait=60", "Idempotency-Key": "alice-signs-up"}
    answer = admin.post("/v1/signup_begin", json=asked, headers=headers)
    assert (answer.status_code, answer.json()["state"], answer.json()["stage"]) == (200, "ready", "ready")
    assert answer.headers["preference-applied"] == "wait=60"
    with module_database.connect(module_database.admin_dsn) as superuser:
        assert superuser.execute("select body from tenant_acme.note").fetchall() == [("welcome",)]
    members = admin.get("/v1/member_list", params={"slug": "acme"}).json()
    assert [row["role"] for row in members] == ["owner"]
    again = admin.post("/v1/signup_begin", json=asked, headers=headers)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (202, "true")
    assert admin.get(again.headers["location"]).json()["state"] == "ready"
    assert len(admin.get("/v1/signup_list").json()) == 1


def test_who_does_not_wait_is_told_where_to_look(admin: httpx.Client) -> None:
    answer = admin.post("/v1/signup_begin", json=SIGNUP | {"subject": "bob", "email": None, "slug": "bobs"})
    assert (answer.status_code, answer.json()["stage"]) == (202, "claimed")
    until(lambda: admin.get(answer.headers["location"]).json()["state"] == "ready")


def test_a_taken_slug_is_told_at_once(admin: httpx.Client) -> None:
    admin.post("/v1/tenant_provision", json={"slug": "taken"})
    answer = admin.post("/v1/signup_begin", json=SIGNUP | {"subject": "carl", "email": None, "slug": "taken"})
    assert (answer.status_code, answer.json()["code"]) == (409, "FH201")


def test_the_keeper_goes_on_with_a_sign_up_that_nobody_works_at(admin: httpx.Client, module_database: Database) -> None:
    begun = module_database.control().signup_begin("https://login.example.com", "dora", slug="doras")
    until(lambda: admin.get("/v1/signup_get", params={"id": begun["id"]}).json()["state"] == "ready")


def test_the_keeper_inside_leads_and_acts_as_the_admins(admin: httpx.Client) -> None:
    until(lambda: admin.get("/v1/keeper_get").json()["holder"] is not None)
    until(lambda: all(task["last_error"] is None for task in admin.get("/v1/task_list").json()))
    ran = [task for task in admin.get("/v1/task_list").json() if task["last_finished_at"]]
    assert {"seal", "signup"} <= {task["name"] for task in ran}


def test_a_sign_up_is_watched_as_it_goes(admin: httpx.Client) -> None:
    answer = admin.post("/v1/signup_begin", json=SIGNUP | {"subject": "eve", "email": None, "slug": "eves"})
    seen = []
    with admin.stream("GET", answer.headers["location"], headers={"Accept": "text/event-stream"}) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                seen.append(json.loads(line.removeprefix("data: ")))
                if seen[-1]["state"] != "running":
                    break
    assert seen[-1]["state"] == "ready", seen[-1]
