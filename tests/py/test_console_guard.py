"""What guards the console: sessions, forms, sign-in at an issuer. Whoever attacks it here has no browser that holds them back."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, expect

from freehold.errors import NotAllowed
from freehold.http import Issuer, Settings
from support.browser import chromium
from support.console import Console, Visitor, browsing
from support.console import console as serving
from support.database import Database
from support.issuer import AUDIENCE, OidcIssuer
from support.patience import until
from support.service import key, running

ROOT = Path(__file__).resolve().parents[2]
USERS: dict[str, dict[str, Any]] = {
    "ada": {"roles": ["admin"]}, "otto": {"roles": ["auditor"]}, "eve": {}, "mallory": {"roles": ["root"]},
}  # fmt: skip


@pytest.fixture(scope="module")
def issuer() -> Iterator[OidcIssuer]:
    with OidcIssuer(users=USERS, clients={"console": []}) as issuer:
        yield issuer


@pytest.fixture(scope="module")
def console(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory, issuer: OidcIssuer
) -> Iterator[Console]:
    given = Issuer(issuer=issuer.url, audience=AUDIENCE, kind="operator", client_id="console", actor_prefix="staff:")
    with serving(module_database, tmp_path_factory.mktemp("migrations"), tenants=2, issuers=[given]) as console:
        # Another site than the issuer's, as it is out there: 127.0.0.1 and localhost are two.
        console.service.url = console.service.url.replace("127.0.0.1", "localhost")
        issuer.clients["console"] = {f"{console.url}/sign-in/done"}
        yield console


@pytest.fixture
def ada(console: Console) -> Visitor:
    return console.client(console.admin_key)


@pytest.fixture
def otto(console: Console) -> Visitor:
    return console.client(console.auditor_key)


def routes(console: Console) -> list[tuple[str, str]]:
    """Every page and every form, from the routes themselves."""
    mount = next(route for route in console.service.app.routes if getattr(route, "path", "") == "/console")
    mounts = [route for route in console.service.app.routes if getattr(route, "path", "") == "/console"]
    found = []
    for route in (r for m in [mount, *mounts] for r in getattr(m, "routes", []) or []):
        path = re.sub(r"\{path:path\}", "elsewhere", route.path)
        for name, value in (
            ("slug", "t01"),
            ("action", "suspend"),
            ("id:int", "1"),
            ("number:int", "0"),
            ("name", "seal"),
        ):
            path = path.replace(f"{{{name}}}", value)
        found += [(method, path) for method in route.methods or {"GET"} if method != "HEAD"]
    return sorted(set(found))


OPEN = {
    ("GET", "/static/seal"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/sign-in/oidc/0"),
    ("GET", "/sign-in/done"),
}


def test_nothing_is_served_to_whoever_is_not_signed_in(console: Console) -> None:
    stranger, asked = console.client(), routes(console)
    assert len(asked) > 20
    assert set(asked) >= OPEN
    for method, path in asked:
        if (method, path) in OPEN:
            continue
        for cookie in ({}, {"Cookie": f"freehold-session={'x' * 43}"}, {"Cookie": f"freehold-session={'y' * 10_000}"}):
            answer = stranger.client.request(method, console.url + path, data={"csrf": ""}, headers=cookie)
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/console/sign-in"), (method, path)
            else:
                assert answer.status_code == 401, (method, path)
            assert "t01" not in answer.text.replace("tenants%2Ft01", "")


def test_every_answer_forbids_frames_and_scripts_of_others(console: Console, ada: Visitor) -> None:
    for method, path in routes(console):
        if method != "GET" or path.endswith("/stream"):
            continue
        policy = ada.get(path).headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "http" not in policy, path


def test_every_form_is_the_sessions_own(console: Console, ada: Visitor, otto: Visitor) -> None:
    """Without the token, with another session's, from another site: nothing is done."""
    forms = [path for method, path in routes(console) if method == "POST" and path not in ("/sign-in",)]
    assert len(forms) >= 6
    good, other = ada.token(), otto.token()
    assert good != other
    ours = console.service.url
    for path in forms:
        for form, headers in (
            ({}, {}), ({"csrf": ""}, {}), ({"csrf": other}, {}), ({"csrf": good[:-1]}, {}), ({"csrf": "é"}, {}),
            ({"csrf": good}, {"Origin": "https://evil.example"}), ({"csrf": good}, {"Origin": "null"}),
            ({"csrf": good}, {"Origin": ours + ".evil.example"}), ({"csrf": good}, {"Origin": ""}),
            ({"csrf": good}, {"Sec-Fetch-Site": "cross-site"}), ({"csrf": good}, {"Sec-Fetch-Site": "same-site"}),
        ):  # fmt: skip
            answer = ada.post(path, {**form, "reason": "x", "confirm": "t01", "slug": "made"}, headers=headers)
            assert answer.status_code == 403, (path, form, headers)
    answer = ada.client.post(f"{console.url}/tenants/t01/suspend", json={"csrf": good, "reason": "x", "confirm": "t01"})
    assert answer.status_code == 415
    assert console.control.tenant_get("t01")["state"] == "active"
    assert [row["slug"] for row in console.control.tenant_list()] == ["t01", "t02"]
    # And the same, from its own page, is.
    done = ada.post("/tenants/t01/suspend", {"reason": "x", "confirm": "t01"}, signed=True)
    assert (done.status_code, console.control.tenant_get("t01")["state"]) == (303, "suspended")
    ada.post("/tenants/t01/resume", {}, signed=True)
    assert console.control.tenant_get("t01")["state"] == "active"


def test_signing_in_is_not_for_other_sites_either(console: Console) -> None:
    stranger = console.client()
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        answer = stranger.post("/sign-in", {"key": console.admin_key}, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_whoever_may_not_is_refused_when_he_posts_all_the_same(console: Console, otto: Visitor) -> None:
    for path, form in (
        ("/tenants/t01/suspend", {"reason": "x", "confirm": "t01"}), ("/tenants/t01/retire", {"reason": "x", "confirm": "t01"}),
        ("/provision", {"slug": "made"}), ("/tasks/seal/run", {}), ("/rollouts/1/abort", {"confirm": "1"}),
    ):  # fmt: skip
        answer = otto.post(path, form, signed=True)
        assert answer.status_code == 403, path
        assert "may not call" in answer.text
    assert console.control.tenant_get("t01")["state"] == "active"


def test_what_is_typed_is_asked_for_by_the_server(console: Console, ada: Visitor) -> None:
    for form in ({"reason": "x"}, {"reason": "x", "confirm": "t02"}, {"reason": " ", "confirm": "t01"}):
        answer = ada.post("/tenants/t01/retire", form, signed=True)
        assert answer.status_code == 422
    assert console.control.tenant_get("t01")["state"] == "active"


def test_a_session_ends_with_its_key_and_its_stream_with_it(console: Console) -> None:
    database = console.fleet.database
    token = key(database, "admin", name="short")
    one, two = console.client(token), console.client(token)
    number = console.plan("0001.stream", "alter table note add column streamed int;")
    heard: list[str] = []

    def listen() -> None:
        with one.client.stream("GET", f"{console.url}/rollouts/{number}/stream") as answer:
            heard.extend(line for line in answer.iter_lines() if line.startswith("event:"))

    thread = threading.Thread(target=listen)
    thread.start()
    until(lambda: console.service.app.state.service.streams == 1)
    row = next(each for each in console.control.api_key_list() if each["name"] == "short")
    console.control.api_key_revoke(row["id"], "it leaked")
    thread.join(timeout=30)
    assert heard == ["event: parts", "event: signed-out"]
    for visitor in (one, two):
        assert visitor.get("/tenants").status_code == 303
        assert visitor.get(f"/rollouts/{number}/parts").status_code == 401
    assert console.client(console.admin_key).get("/tenants").status_code == 200
    console.control.rollout_abort(number)


def test_signing_out_ends_this_session_and_no_other(console: Console) -> None:
    one, two = console.client(console.admin_key), console.client(console.admin_key)
    cookie = one.client.cookies["freehold-session"]
    assert one.post("/sign-out", {}, signed=True).headers["location"].endswith("sign-in?out=1")
    assert "freehold-session" not in one.client.cookies
    assert one.get("/tenants", headers={"Cookie": f"freehold-session={cookie}"}).status_code == 303
    assert two.get("/tenants").status_code == 200
    kinds = [row["kind"] for row in console.control.event_list(kind="console_sign", max_rows=3)]
    assert kinds == ["console_sign_out", "console_sign_in", "console_sign_in"]


@pytest.mark.parametrize("later", ["31 minutes", "8 hours 1 minute"])
def test_a_session_that_is_not_used_or_old_is_over(console: Console, later: str) -> None:
    admin, visitor = console.fleet.admin, console.client(console.admin_key)
    if later.startswith("8"):
        # Used all the time.
        admin.execute("update freehold.console_session set seen_at = seen_at + interval '9 hours'")
    admin.execute("update freehold.setting set value = %s where name = 'clock_offset'", (later,))
    try:
        assert visitor.get("/tenants").status_code == 303
    finally:
        admin.execute("update freehold.setting set value = '0' where name = 'clock_offset'")


def test_the_database_has_nothing_that_a_session_could_be_taken_from(console: Console, ada: Visitor) -> None:
    secret = ada.client.cookies["freehold-session"]
    assert len(secret) >= 43
    rows = console.fleet.admin.execute("select s::text from freehold.console_session as s").fetchall()
    assert rows
    assert not any(secret in row or console.admin_key in row for (row,) in rows)
    assert hashlib.sha256(secret.encode()).hexdigest() in " ".join(row for (row,) in rows)


def test_no_login_opens_a_session_that_may_more_than_itself(console: Console) -> None:
    database = console.fleet.database
    dsn = database.login_dsn("asker")
    console.fleet.admin.execute("grant freehold_resolver to asker")
    with psycopg.connect(dsn, autocommit=True) as asker:
        for roles in (["admin"], ["auditor"], ["owner"], ["cell_00"], ["admin", None], [None]):
            with pytest.raises(psycopg.Error) as caught:
                asker.execute(
                    "select freehold._console_session_open(sha256('x'), 'x', 'operator', %s, null, 'x', 'x', '1 hour')",
                    (roles,),
                )
            assert isinstance(caught.value, NotAllowed), caught.value
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            asker.execute("select * from freehold.console_session")


def test_a_key_that_is_bound_or_has_no_role_does_not_come_in(console: Console) -> None:
    database = console.fleet.database
    for name, roles, slugs in (("bound", ["admin"], ["t01"]), ("nothing", [], None)):
        answer = console.client().post("/sign-in", {"key": key(database, *roles, name=name, slugs=slugs)})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_nobody_is_led_away(console: Console) -> None:
    for after in ("https://evil.example", "//evil.example", "/console//evil.example", "/\\evil.example", "/v1/tenant_list",
                  "javascript:alert(1)", "/console/tenants\r\nSet-Cookie: a=b"):  # fmt: skip
        answer = console.client().post("/sign-in", {"key": console.admin_key, "next": after})
        assert answer.headers["location"] == "/console/", after
    assert console.client().post("/sign-in", {"key": console.admin_key, "next": "/console/events?kind=x"}).headers[
        "location"
    ] == "/console/events?kind=x"  # fmt: skip


def test_nothing_that_is_asked_breaks_a_page(console: Console, ada: Visitor) -> None:
    odd = (
        "%00",
        "%ff",
        "%F0%9F%92%A9",
        "..%2F..",
        "@default",
        "a" * 5000,
        "-1",
        "99999999999999999999",
        "'",
        "{{7*7}}",
    )
    for each in odd:
        for path in ("/tenants/{}", "/tenants/{}/audit", "/rollouts/{}", "/static/{}", "/{}", "/sign-in/oidc/{}"):
            assert ada.get(path.format(each)).status_code in (303, 404, 422), (path, each)
        for path in ("/tenants", "/events", "/operations", "/tenants/t01/audit", "/capacity", "/drift", "/sign-in"):
            names = ("after", "before_id", "state", "slug", "kind", "table", "event", "row", "days", "search", "next")
            for query in ("&".join(f"{name}={each}" for name in names), f"search={each}", f"table={each}"):
                answer = ada.get(f"{path}?{query}")
                assert answer.status_code in (200, 303, 404), (path, query, answer.text)
                assert "49" not in re.findall(r'value="([^"]*)"', answer.text)
    for form in ("slug=%00&template=%ff", "slug=" + "x" * 100_000, "&".join(f"f{n}=1" for n in range(100)), "%", ""):
        answer = ada.client.post(
            f"{console.url}/provision", content=f"csrf={ada.token()}&{form}",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
        assert answer.status_code in (400, 404, 422), form[:20]


def test_over_a_network_without_tls_nobody_signs_in(console: Console) -> None:
    headers = {"Host": "ops.example.com", "Origin": "http://ops.example.com"}
    stranger = console.client()
    assert "needs HTTPS" in stranger.get("/sign-in", headers=headers).text
    answer = stranger.post("/sign-in", {"key": console.admin_key}, headers=headers)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_behind_a_proxy_with_tls_cookies_are_of_this_host_alone(module_database: Database, console: Console) -> None:
    public: Any = "https://ops.example.com"
    with running(module_database, dsn=console.service.app.state.dsn.get_secret_value(), public_url=public) as behind:
        visitor = Visitor(behind.client(headers={"Origin": public}), f"{behind.url}/console")
        answer = visitor.post("/sign-in", {"key": console.admin_key})
        assert answer.status_code == 303
        cookie = answer.headers["set-cookie"].lower()
        assert cookie.startswith("__host-freehold-session=")
        assert all(f"; {word}" in cookie for word in ("secure", "httponly", "samesite=strict", "path=/"))
        assert "domain" not in cookie
        assert answer.headers["strict-transport-security"]


def test_the_settings_of_the_page_are_settings() -> None:
    page = (ROOT / "docs" / "how-to" / "console.md").read_text(encoding="utf-8")
    found = re.search(r"FREEHOLD_ISSUERS='(.*?)'", page, re.DOTALL)
    assert found is not None
    given = Settings(issuers=json.loads(found[1]))
    assert given.issuers[0].roles == {"fleet-admins": ["admin"], "audit": ["auditor"]}


def test_who_guesses_is_not_listened_to_any_more(module_database: Database, console: Console) -> None:
    dsn = console.service.app.state.dsn.get_secret_value()
    with running(module_database, dsn=dsn, failure_rate_limit="6/minute") as service:
        origin = {"Origin": service.url}
        signed = Visitor(service.client(headers=origin), f"{service.url}/console")
        assert signed.post("/sign-in", {"key": console.admin_key}).status_code == 303
        guesser = Visitor(service.client(headers=origin), f"{service.url}/console")
        codes = [guesser.post("/sign-in", {"key": f"fh_1_{n:043}"}).status_code for n in range(4)]
        codes += [
            guesser.get("/tenants", headers={"Cookie": f"freehold-session={n:043}"}).status_code for n in range(4)
        ]
        assert codes == [401] * 4 + [303] * 2 + [429] * 2
        assert guesser.post("/sign-in", {"key": "fh_1_" + "x" * 43}).status_code == 429
        # Who is in stays in, from the same address.
        assert signed.get("/tenants").status_code == 200


# At an issuer


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_signed_in_by_an_issuer_of_another_site(browser: Browser, console: Console) -> None:
    with browsing(browser) as page:
        page.goto(f"{console.url}/events?kind=tenant_")
        page.get_by_role("link", name="Sign in with single sign-on").click()
        page.get_by_role("button", name="ada").click()
        # Where one wanted to go, by a cookie that no other site's link brings along.
        expect(page).to_have_url(f"{console.url}/events?kind=tenant_")
        expect(page.get_by_text("staff:ada").filter(visible=True)).to_have_count(1)
        names = {each["name"]: each["sameSite"] for each in page.context.cookies() if each["domain"] == "localhost"}
        assert names == {"freehold-session": "Strict"}
        page.goto(f"{console.url}/provision")
        page.get_by_label("Slug").fill("byada")
        page.get_by_role("button", name="Provision").click()
        expect(page.get_by_role("status")).to_be_visible()
        assert console.control.event_list(slug="byada")[0]["actor"] == "staff:ada"


@pytest.mark.parametrize("who", ["eve", "mallory"])
def test_whom_the_issuer_knows_and_no_role_has_stays_outside(browser: Browser, console: Console, who: str) -> None:
    with browsing(browser) as page:
        page.goto(f"{console.url}/sign-in")
        page.get_by_role("link", name="Sign in with single sign-on").click()
        page.get_by_role("button", name=who).click()
        expect(page.get_by_role("alert")).to_contain_text("for operators")
        assert "freehold-session" not in {each["name"] for each in page.context.cookies()}


def begun(console: Console, user: str = "ada") -> tuple[Visitor, dict[str, str], str]:
    """A sign-in up to where the issuer sends the browser back: who, what was asked, and the URL it goes to."""
    visitor = console.client()
    there = visitor.get("/sign-in/oidc/0").headers["location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
    back = httpx.get(f"{there}&login_hint={user}").headers["location"]
    return visitor, asked, back


def test_what_is_asked_of_the_issuer(console: Console) -> None:
    visitor, asked, back = begun(console)
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    cookie = visitor.client.cookies["freehold-sign-in"]
    # Neither is in what the other sees.
    assert asked["state"] not in cookie
    assert asked["nonce"] not in cookie
    assert visitor.client.get(back).status_code == 200
    # A code is for once, and so is the cookie.
    assert visitor.client.get(back).status_code == 401
    assert begun(console)[1]["state"] != asked["state"]


def test_the_answer_to_another_sign_in_is_refused(console: Console) -> None:
    """An attacker's code in somebody else's browser, and somebody's code in an attacker's."""
    _, _, attackers = begun(console, "otto")
    victim, _, _ = begun(console, "ada")
    assert victim.client.get(attackers).status_code == 401
    assert console.client().client.get(attackers).status_code == 401
    victim, asked, _ = begun(console, "ada")
    code = parse_qs(urlsplit(attackers).query)["code"][0]
    # With the right state, and a code that was for another verifier.
    answer = victim.get("/sign-in/done", params={"code": code, "state": asked["state"]})
    assert answer.status_code == 502
    assert "freehold-session" not in victim.client.cookies
    for query in ({"state": asked["state"]}, {"error": "access_denied", "state": asked["state"]}, {"code": "x"}, {}):
        victim, asked, _ = begun(console, "ada")
        assert victim.get("/sign-in/done", params=query).status_code == 401


def test_tokens_of_another_client_or_try_are_refused(
    console: Console, issuer: OidcIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = issuer.id_token
    for broken in (
        lambda subject, client, nonce=None, **claims: good(subject, "another", nonce, **claims),
        lambda subject, client, nonce=None, **claims: good(subject, client, "another", **claims),
        lambda subject, client, nonce=None, **claims: good(subject, client, None, **claims),
        lambda subject, client, nonce=None, **claims: good("otto", client, nonce, **claims),
        lambda subject, client, nonce=None, **claims: good(
            subject, client, nonce, **{**claims, "iss": "https://evil.example"}
        ),
        lambda subject, client, nonce=None, **claims: good(subject, client, nonce, **{**claims, "exp": 1}),
        lambda subject, client, nonce=None, **claims: _unsigned(good(subject, client, nonce, **claims)),
    ):
        monkeypatch.setattr(issuer, "id_token", broken)
        visitor, _, back = begun(console)
        answer = visitor.client.get(back)
        assert answer.status_code == 401, answer.text
        assert "freehold-session" not in visitor.client.cookies
    monkeypatch.setattr(issuer, "id_token", good)
    visitor, _, back = begun(console)
    assert visitor.client.get(back).status_code == 200
    assert "freehold-session" in visitor.client.cookies


def _unsigned(token: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


def test_an_issuer_that_is_down_is_said_to_be(console: Console, issuer: OidcIssuer) -> None:
    issuer.down = True
    try:
        answer = console.client().get("/sign-in/oidc/0")
        assert answer.status_code == 502
        assert "does not answer" in answer.text
    finally:
        issuer.down = False
