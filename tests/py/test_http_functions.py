"""The functions over HTTP: what they answer, under which role they run, and what is refused."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from freehold import catalog as catalogs
from freehold.http.calling import twin
from support.database import Database
from support.patience import until
from support.service import TestService, key, running

TEMPLATE = "create table note (id int primary key, body text not null);"


@pytest.fixture(scope="module")
def service(module_database: Database) -> Iterator[TestService]:
    control = module_database.control()
    control.template_create("default")
    control.template_apply("default", TEMPLATE)
    control.template_freeze("default")
    control.tenant_provision("acme")
    with running(module_database, stream_interval=0.02) as service:
        yield service


@pytest.fixture(scope="module")
def admin(module_database: Database, service: TestService) -> httpx.Client:
    return service.client(key(module_database, "admin"))


@pytest.fixture(scope="module")
def auditor(module_database: Database, service: TestService) -> httpx.Client:
    return service.client(key(module_database, "auditor"))


@pytest.fixture(scope="module")
def catalog(module_database: Database) -> catalogs.Catalog:
    return catalogs.read(module_database.connect(module_database.admin_dsn))


def test_every_public_function_is_a_route_of_its_name_and_only_those(
    service: TestService, module_database: Database
) -> None:
    rows = module_database.connect().execute(
        "select p.proname, bool_and(p.provolatile <> 'v') from pg_proc as p "
        "where p.pronamespace = 'freehold'::regnamespace and p.proname !~ '^_' group by 1"
    )
    wanted = {f"/v1/{name}": {"get" if reads else "post"} for name, reads in rows.fetchall()}
    paths = service.client().get("/openapi.json").json()["paths"]
    assert {path: set(item) - {"parameters"} for path, item in paths.items() if path.startswith("/v1/")} == wanted


def test_the_document_says_what_each_function_takes_and_who_may_call_it(
    service: TestService, catalog: catalogs.Catalog
) -> None:
    document = service.client().get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for function in catalog.functions.values():
        operation = document["paths"][f"/v1/{function.name}"]["get" if function.reads else "post"]
        assert operation["description"].startswith(function.comment.splitlines()[0][:40])
        assert operation["x-freehold-roles"] == list(function.groups)
        assert function.groups, f"nobody may call {function.name}"
        assert operation["security"] == [{"bearer": []}]
        for state in function.errors:
            assert any(state in answer["description"] for answer in operation["responses"].values()), state


def test_a_row_comes_as_the_database_has_it(admin: httpx.Client, module_database: Database) -> None:
    answer = admin.get("/v1/tenant_get", params={"slug": "acme"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    row = module_database.connect().execute("select to_jsonb(t) from freehold.tenant_get('acme') as t").fetchone()
    assert row is not None
    assert {**answer.json(), "created_at": 0, "changed_at": 0} == {**row[0], "created_at": 0, "changed_at": 0}


def test_what_returns_nothing_answers_null(admin: httpx.Client) -> None:
    answer = admin.post("/v1/setting_set", json={"name": "cell_capacity", "value": "400"})
    assert (answer.status_code, answer.text) == (200, "null")


def test_the_actor_of_the_audit_is_who_called_and_the_login_is_the_service(
    admin: httpx.Client, module_database: Database
) -> None:
    admin.post("/v1/tenant_suspend", json={"slug": "acme", "reason": "unpaid"}, headers={"X-Request-Id": "r-1"})
    answer = admin.post("/v1/tenant_resume", json={"slug": "acme"}, headers={"X-Request-Id": "r-2"})
    assert answer.headers["x-request-id"] == "r-2"
    rows = module_database.connect(module_database.admin_dsn).execute(
        "select kind, actor, login, request_id, reason from freehold.event where slug = 'acme' order by id desc limit 2"
    )
    assert [row[:4] for row in rows.fetchall()] == [
        ("tenant_resume.done", "key:admin", "test_service", "r-2"),
        ("tenant_suspend.done", "key:admin", "test_service", "r-1"),
    ]


def test_a_role_that_a_function_is_not_granted_to_is_refused_before_any_query(
    auditor: httpx.Client, service: TestService, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert auditor.get("/v1/setting_list").status_code == 200, "whose key it is has been asked"
    monkeypatch.setattr(service.app.state.service.database, "transaction", None)
    answer = auditor.post("/v1/tenant_suspend", json={"slug": "acme"})
    assert answer.status_code == 403
    assert "admin" in answer.json()["detail"]


def test_a_route_that_forgot_its_check_is_stopped_by_the_database(
    auditor: httpx.Client, service: TestService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(service.app.state.service), "group", lambda *_: "auditor")
    answer = auditor.post("/v1/tenant_suspend", json={"slug": "acme"})
    assert (answer.status_code, answer.json()["code"]) == (403, "42501")


def test_the_role_is_the_one_that_may_least(service: TestService, catalog: catalogs.Catalog) -> None:
    from freehold.http import Principal

    both = Principal("key:x", "key", frozenset({"admin", "auditor"}))
    here = service.app.state.service
    assert here.group(both, catalog.functions["tenant_get"]) == "auditor"
    assert here.group(both, catalog.functions["tenant_suspend"]) == "admin"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "body.slug"),
        ({"slug": 4}, "body.slug"),
        ({"slug": "acme", "extra": 1}, "body.extra"),
        ({"slug": "a\u0000b"}, "body.slug"),
        ({"slug": "acme", "reason": ["x"]}, "body.reason"),
    ],
)
def test_a_body_that_is_not_as_described_is_refused_with_its_place(
    admin: httpx.Client, body: dict[str, Any], where: str
) -> None:
    answer = admin.post("/v1/tenant_suspend", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["where"] == where


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'"x"', b'{"slug": "\\ud800"}', b"\xff", b"[" * 100_000, b'{"slug": NaN}']
)
def test_what_is_no_json_object_is_refused(admin: httpx.Client, content: bytes) -> None:
    answer = admin.post("/v1/tenant_suspend", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_errors_of_the_database_are_problem_details(admin: httpx.Client) -> None:
    answer = admin.get("/v1/tenant_get", params={"slug": "nobody"})
    problem = answer.json()
    assert answer.status_code == 404
    assert (problem["code"], problem["type"], problem["title"]) == ("FH101", "urn:freehold:FH101", "Tenant not found")
    assert problem["hint"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert admin.post("/v1/tenant_provision", json={"slug": "acme"}).status_code == 409
    assert admin.post("/v1/tenant_provision", json={"slug": "-"}).status_code == 422
    assert admin.get("/v1/tenant_current").status_code == 403


def test_errors_of_a_migrations_own_sql_are_the_callers(admin: httpx.Client) -> None:
    answer = admin.post("/v1/template_apply", json={"name": "default", "script": "create tabel x ()"})
    assert (answer.status_code, answer.json()["code"]) == (422, "42601")
    assert "tabel" in answer.json()["detail"]


def test_the_log_of_operations_keeps_a_failure(admin: httpx.Client) -> None:
    admin.post("/v1/tenant_provision", json={"slug": "acme"})
    last = admin.get("/v1/operation_list", params={"slug": "acme", "max_rows": 1}).json()[0]
    assert (last["kind"], last["state"], last["error_code"], last["actor"]) == (
        "provision",
        "failed",
        "FH201",
        "key:admin",
    )


def test_an_argument_of_each_type_arrives(admin: httpx.Client) -> None:
    made = admin.post(
        "/v1/tenant_provision", json={"slug": "typed", "settings": {"a": [1, None, "é"]}, "external_id": "76.123.456-K"}
    ).json()
    assert (made["settings"], made["external_id_key"]) == ({"a": [1, None, "é"]}, "76123456k")
    assert admin.post("/v1/role_define", json={"name": "clerk", "permissions": ["note:read"]}).json()[
        "permissions"
    ] == ["note:read"]
    retired = admin.post("/v1/tenant_retire", json={"slug": "typed", "grace": "1 day"}).json()
    assert retired["state"] == "retired"
    assert admin.post("/v1/tenant_retire", json={"slug": "typed", "grace": "soon"}).status_code == 422
    assert admin.get("/v1/event_list", params={"since": "2026-01-01", "max_rows": 3}).json()
    assert admin.get("/v1/user_get", params={"id": "no-uuid"}).status_code == 422


def test_a_function_with_two_sets_of_arguments_takes_either(admin: httpx.Client) -> None:
    assert admin.post("/v1/audit_enable", json={"home": "acme", "table_name": "note"}).status_code == 200
    assert [each["table_name"] for each in admin.get("/v1/audit_list", params={"home": "acme"}).json()] == ["note"]
    refused = admin.post("/v1/audit_disable", json={"target": "tenant_acme.note"})
    assert refused.json()["code"] not in (None, "42883"), "the other one was called"
    assert admin.post("/v1/audit_disable", json={"home": "acme", "table_name": "note"}).status_code == 200


def test_pages_follow_each_other_to_the_end(admin: httpx.Client) -> None:
    for number in range(5):
        admin.post("/v1/tenant_provision", json={"slug": f"page{number}"})
    seen: list[str] = []
    answer = admin.get("/v1/tenant_list", params={"max_rows": 2, "search": "page"})
    while True:
        seen += [row["slug"] for row in answer.json()]
        following = answer.links.get("next")
        if following is None:
            break
        answer = admin.get(following["url"])
    assert seen == [f"page{number}" for number in range(5)]


def test_every_function_with_pages_tells_the_next(catalog: catalogs.Catalog) -> None:
    from freehold.http.calling import Answer, next_page

    for function in catalog.functions.values():
        names = {argument.name for argument in function.main.arguments}
        if names & {"after", "before_id", "before"} and "max_rows" in names and function.main.columns:
            row = {column.name: "x" for column in function.main.columns}
            answer = Answer("[]", [json.dumps(row)])
            following = next_page(function, {"max_rows": 1}, answer)
            assert following is not None, function.name


def test_an_etag_says_whether_it_changed(admin: httpx.Client) -> None:
    admin.post("/v1/tenant_provision", json={"slug": "etag"})
    first = admin.get("/v1/tenant_get", params={"slug": "etag"})
    same = admin.get("/v1/tenant_get", params={"slug": "etag"}, headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    set_ = {"slug": "etag", "name": "work_mem", "value": "8MB"}
    limits = admin.get("/v1/limit_list", params={"slug": "etag"})
    good = admin.post("/v1/limit_set", json=set_, headers={"If-Match": limits.headers["etag"]})
    assert good.status_code == 200
    late = admin.post("/v1/limit_set", json=set_ | {"value": "9MB"}, headers={"If-Match": limits.headers["etag"]})
    assert late.status_code == 412
    assert admin.get("/v1/limit_list", params={"slug": "etag"}).json()[0]["value"] == "8MB"
    assert admin.post("/v1/limit_set", json=set_, headers={"If-Match": "*"}).status_code == 200


def test_two_operators_who_saw_the_same_cannot_both_change_it(
    admin: httpx.Client, service: TestService, module_database: Database
) -> None:
    """The second waits for the first's row and is told that it was changed, though its ETag was right when it asked."""
    admin.post("/v1/tenant_provision", json={"slug": "twice"})
    etag = admin.get("/v1/tenant_get", params={"slug": "twice"}).headers["etag"]
    answers: list[httpx.Response] = []
    with psycopg.connect(module_database.owner_dsn) as holder:
        holder.execute("select freehold.tenant_suspend('twice', 'mine')")
        second = threading.Thread(
            target=lambda: answers.append(
                admin.post("/v1/tenant_suspend", json={"slug": "twice", "reason": "his"}, headers={"If-Match": etag})
            )
        )
        second.start()
        watcher = module_database.connect(module_database.admin_dsn)
        until(
            lambda: bool(
                watcher.execute(
                    "select 1 from pg_stat_activity where usename = 'test_service' and wait_event_type = 'Lock'"
                ).fetchone()
            )
        )
        holder.commit()
    second.join()
    assert answers[0].status_code == 412
    assert admin.get("/v1/tenant_get", params={"slug": "twice"}).json()["state_reason"] == "mine"


def test_each_function_that_changes_something_speaks_of_what_it_changes(catalog: catalogs.Catalog) -> None:
    functions = catalog.functions
    expected = {
        "tenant_suspend": "tenant_get", "setting_set": "setting_get", "limit_set": "limit_list", "role_define": "role_list",
        "member_set_role": "member_list", "rollout_pause": "rollout_get", "mask_set": "mask_list",
    }  # fmt: skip
    assert {name: found.name for name in expected if (found := twin(functions, functions[name]))} == expected


def test_what_is_not_there_is_said_with_the_way_to_what_is(admin: httpx.Client, auditor: httpx.Client) -> None:
    missing, method = admin.get("/v1/tenant_gte"), admin.get("/v1/tenant_suspend")
    assert (missing.status_code, method.status_code) == (404, 405)
    assert "/openapi.json" in missing.json()["detail"]
    assert method.json()["detail"] == "GET is not for this route: it takes OPTIONS, POST"
    refused = auditor.post("/v1/tenant_suspend", json={"slug": "acme"})
    assert (refused.status_code, refused.json()["detail"]) == (403, "this takes the role admin")


def test_a_request_with_a_key_of_its_own_is_done_once(admin: httpx.Client, auditor: httpx.Client) -> None:
    headers = {"Idempotency-Key": "once"}
    first = admin.post("/v1/tenant_provision", json={"slug": "once"}, headers=headers)
    again = admin.post("/v1/tenant_provision", json={"slug": "once"}, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = admin.post("/v1/tenant_provision", json={"slug": "other"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "FH251")
    assert admin.get("/v1/tenant_get", params={"slug": "other"}).status_code == 404


def test_many_at_once_with_one_key_do_it_once(admin: httpx.Client) -> None:
    answers: list[httpx.Response] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(
                admin.post("/v1/tenant_provision", json={"slug": "race"}, headers={"Idempotency-Key": "race"})
            )
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1


def test_a_key_belongs_to_who_used_it(service: TestService, admin: httpx.Client, module_database: Database) -> None:
    other = service.client(key(module_database, "admin", name="second"))
    mine = admin.post("/v1/tenant_provision", json={"slug": "mine"}, headers={"Idempotency-Key": "shared"})
    theirs = other.post("/v1/tenant_provision", json={"slug": "mine"}, headers={"Idempotency-Key": "shared"})
    assert (mine.status_code, theirs.status_code) == (200, 409)
    assert theirs.json()["code"] == "FH201"


@pytest.mark.parametrize(
    ("path", "given", "revoked"),
    [
        ("tenant_provision", {"slug": "no-more"}, "tenant_provision(text, text, text, text, jsonb)"),
        ("tenant_provision_staged", {"slug": "nor-this"}, "tenant_provision_step"),
    ],
)
def test_who_may_call_no_more_is_told_no_earlier_answer(
    admin: httpx.Client, module_database: Database, path: str, given: dict[str, str], revoked: str
) -> None:
    owner = module_database.connect(module_database.admin_dsn)
    headers = {"Idempotency-Key": path, "Prefer": "wait=30"}
    assert admin.post(f"/v1/{path}", json=given, headers=headers).status_code == 200
    owner.execute(f"revoke execute on function freehold.{revoked} from freehold_admin".encode())
    try:
        again = admin.post(f"/v1/{path}", json=given, headers=headers)
        assert (again.status_code, again.json()["code"]) == (403, "42501")
    finally:
        owner.execute(f"grant execute on function freehold.{revoked} to freehold_admin".encode())
    assert admin.post(f"/v1/{path}", json=given, headers=headers).headers["idempotency-replayed"] == "true"


def test_a_failed_request_leaves_its_key_free(admin: httpx.Client) -> None:
    headers = {"Idempotency-Key": "later"}
    assert admin.post("/v1/tenant_suspend", json={"slug": "later"}, headers=headers).status_code == 404
    admin.post("/v1/tenant_provision", json={"slug": "later"})
    assert admin.post("/v1/tenant_suspend", json={"slug": "later"}, headers=headers).status_code == 200


def test_what_is_told_once_is_not_kept(admin: httpx.Client, module_database: Database) -> None:
    headers = {"Idempotency-Key": "secret"}
    first = admin.post("/v1/invitation_create", json={"slug": "acme", "email": "a@example.com"}, headers=headers)
    again = admin.post("/v1/invitation_create", json={"slug": "acme", "email": "a@example.com"}, headers=headers)
    assert first.json()["token"]
    assert again.json() == {**first.json(), "token": None}
    kept = module_database.connect(module_database.admin_dsn).execute(
        "select string_agg(r::text, '') from freehold.request as r"
    )
    assert first.json()["token"] not in str(kept.fetchone())


def test_what_commits_by_batch_is_accepted_and_finished(admin: httpx.Client) -> None:
    answer = admin.post("/v1/tenant_provision_staged", json={"slug": "staged"})
    assert answer.status_code == 202
    where = answer.headers["location"]
    until(lambda: admin.get(where).json()["state"] != "running")
    assert admin.get(where).json()["state"] == "done"
    assert admin.get("/v1/tenant_get", params={"slug": "staged"}).json()["state"] == "active"


def test_what_commits_by_batch_is_refused_at_once_when_it_is_wrong(admin: httpx.Client) -> None:
    assert admin.post("/v1/tenant_provision_staged", json={"slug": "acme"}).status_code == 409
    assert admin.post("/v1/tenant_erase", json={"slug": "acme", "reason": "no"}).status_code == 409


def test_an_erasure_over_http_ends_with_nothing_left(admin: httpx.Client, module_database: Database) -> None:
    admin.post("/v1/tenant_provision", json={"slug": "gone"})
    admin.post("/v1/tenant_retire", json={"slug": "gone", "grace": "0"})
    answer = admin.post("/v1/tenant_erase", json={"slug": "gone", "reason": "contract over"})
    assert answer.status_code == 202
    until(lambda: admin.get(answer.headers["location"]).json()["state"] != "running")
    assert admin.get(answer.headers["location"]).json()["state"] == "done"
    assert module_database.connect().execute("select to_regnamespace('tenant_gone')").fetchone() == (None,)


def test_a_stream_sends_what_changed(admin: httpx.Client) -> None:
    admin.post("/v1/tenant_provision", json={"slug": "seen"})
    with admin.stream(
        "GET", "/v1/tenant_get", params={"slug": "seen"}, headers={"Accept": "text/event-stream"}
    ) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next_data(lines)["state"] == "active"
        admin.post("/v1/tenant_suspend", json={"slug": "seen"})
        assert next_data(lines)["state"] == "suspended"


def test_a_stream_of_what_is_not_there_is_refused(admin: httpx.Client) -> None:
    answer = admin.get("/v1/tenant_get", params={"slug": "nobody"}, headers={"Accept": "text/event-stream"})
    assert (answer.status_code, answer.json()["code"]) == (404, "FH101")


def test_a_stream_spends_a_tenth_of_its_time_on_looks(admin: httpx.Client, module_database: Database) -> None:
    watcher = module_database.connect(module_database.admin_dsn)
    spent = "select calls, total_time / 1000 from pg_stat_user_functions where funcname = 'doctor'"
    watcher.execute("alter role test_service set track_functions = 'all'")
    try:
        with running(module_database, stream_interval=0.001, pool_size=1) as service:
            client = service.client(admin.headers["authorization"].removeprefix("Bearer "))
            with client.stream("GET", "/v1/doctor", headers={"Accept": "text/event-stream"}) as answer:
                lines = answer.iter_lines()
                next_data(lines)
                begun = time.monotonic()
                until(lambda: (watcher.execute(spent).fetchone() or (0,))[0] >= 3)
                row = watcher.execute(spent).fetchone()
                assert row is not None
                assert row[1] < (time.monotonic() - begun) / 2
    finally:
        watcher.execute("alter role test_service reset track_functions")


def next_data(lines: Iterator[str]) -> Any:
    for line in lines:
        if line.startswith("data: "):
            return json.loads(line.removeprefix("data: "))
    raise AssertionError("the stream ended")
