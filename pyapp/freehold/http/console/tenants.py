"""The fleet, a tenant, its audit trail, and making one."""

from __future__ import annotations

import heapq
from typing import Any

import psycopg
from starlette.responses import JSONResponse, Response

from freehold.calls import Row
from freehold.errors import FreeholdError
from freehold.http.console import diff, plots
from freehold.http.console.desk import Db, Visit, goto, meanwhile, told
from freehold.http.console.view import size, url_of
from freehold.http.problem import Refusal

PAGE = 50
ENTRIES = 25
STATES = ("provisioning", "active", "suspended", "retired", "erasing", "erased")
ACTIONS = {
    "suspend": ("active",),
    "resume": ("suspended",),
    "retire": ("active", "suspended"),
    "reinstate": ("retired",),
}
"""What can be done to a tenant, and in which states; the functions ask again."""
SAID = {
    "provisioned": ("The tenant was provisioned.", ("active",)),
    "suspended": ("The tenant is suspended.", ("suspended",)),
    "resumed": ("The tenant is active again.", ("active",)),
    "retired": ("The tenant is retired.", ("retired",)),
    "reinstated": ("The tenant was reinstated.", ("active", "suspended")),
}
"""What is said of what was just done, which the query names, and in which states it is still true."""
_DONE = {"suspend": "suspended", "resume": "resumed", "retire": "retired", "reinstate": "reinstated"}


async def tenants(visit: Visit) -> Response:
    """The fleet, a page at a time."""
    asked = {name: visit.asked(name) for name in ("search", "template", "after")}
    asked["state"] = visit.one_of("state", STATES)
    given = {name: value or None for name, value in asked.items()}
    narrowed = any(asked[name] for name in ("search", "state", "template"))
    async with visit.database("tenant_list") as db:
        found = await db.rows("tenant_list", **given, max_rows=PAGE + 1)
        templates = await db.rows("template_list") if visit.may("template_list") else []
        sizes = await _sizes(visit, db, found[:PAGE])
        compared = visit.may("fleet_drift") and bool(found) and not narrowed
        drifts = None
        if compared and visit.asked("drift"):
            drifts = {each["slug"]: each for each in await db.rows("fleet_drift", after=given["after"], max_rows=PAGE)}
    shown = found[:PAGE]
    kept = {name: asked[name] for name in ("search", "state", "template") if asked[name]}
    at = {"after": asked["after"]} if asked["after"] else {}
    return visit.page(
        "tenants.html", "tenants", tenants=shown, asked=asked, states=STATES,
        templates=[each["name"] for each in templates], newest={each["name"]: each["version"] for each in templates},
        sizes=sizes, largest=max(sizes.values(), default=0), drifts=drifts,
        later=url_of("drift", at) if compared and drifts is None else None,
        with_drift=url_of("tenants", {**at, "drift": "1"}),
        first_page=url_of("tenants", kept) if asked["after"] else None,
        next_page=url_of("tenants", {**kept, "after": shown[-1]["slug"]}) if len(found) > PAGE else None,
    )  # fmt: skip


async def drift(visit: Visit) -> Response:
    """How the tenants of a page of the fleet differ from their templates: it takes a while, so the page asks for it."""
    async with visit.database("fleet_drift") as db:
        found = await db.rows("fleet_drift", after=visit.asked("after") or None, max_rows=PAGE)
    parts = {f"drift-{each['slug']}": visit.part("_drift.html", drift=each) for each in found}
    return JSONResponse({"parts": parts})


async def tenant(visit: Visit, *, trouble: dict[str, Any] | None = None, status: int = 200) -> Response:
    """A tenant: what the registry has, what was done, who is in it."""
    slug = visit.request.path_params["slug"]
    async with visit.database("tenant_get") as db:
        row = await db.row("tenant_get", slug=slug)
        operations = await db.rows("operation_list", slug=slug, max_rows=8)
        members = await _members(visit, db, slug)
        limits = await db.rows("limit_list", slug=slug) if visit.may("limit_list") else []
        measured = await db.rows("tenant_size_list", slug=slug) if visit.may("tenant_size_list") else []
        drift = await db.rows("tenant_drift", slug=slug) if row["state"] in ("active", "suspended", "retired") else None
    series = [(each["at"], each["bytes"]) for each in measured]
    said, states = SAID.get(visit.asked("said"), (None, ()))
    return visit.page(
        "tenant.html", "tenants", status=status, problem=trouble, tenant=row, part="overview", operations=operations,
        seen=seen(row), said=said if row["state"] in states else None,
        members=members[:20], more_members=len(members) > 20, limits=limits, drift=drift,
        actions=[name for name, states in ACTIONS.items() if row["state"] in states and visit.may(f"tenant_{name}")],
        size_plot=plots.line("Bytes on disk", series, size, binary=True) if series else None,
    )  # fmt: skip


def seen(row: Row) -> str:
    """What tells a tenant as it was shown from one that somebody has changed since."""
    return str(row["changed_at"].isoformat())


async def act(visit: Visit) -> Response:
    """Suspends, resumes, retires or reinstates a tenant."""
    slug, action = visit.request.path_params["slug"], visit.request.path_params["action"]
    if action not in ACTIONS:
        raise Refusal(404, "there is no such page")
    visit.role(f"tenant_{action}")
    given: dict[str, Any] = {"slug": slug}
    try:
        if action in ("suspend", "retire"):
            visit.confirmed(slug)
            given["reason"] = visit.reason()
        async with visit.database(f"tenant_{action}", writes=True, repeatable=True) as db:
            visit.unchanged(seen(await db.row("tenant_get", slug=slug)))
            await db.row(f"tenant_{action}", **given)
    except psycopg.errors.SerializationFailure:
        status, trouble = told(visit.request, meanwhile())
        return await tenant(visit, trouble=trouble, status=status)
    except (Refusal, FreeholdError) as error:
        status, trouble = told(visit.request, error)
        if status in (403, 404):
            raise
        return await tenant(visit, trouble=trouble, status=status)
    return goto(f"tenants/{slug}", said=_DONE[action])


async def back(visit: Visit) -> Response:
    """The tenant, for whoever asks for what only a button does."""
    if visit.request.path_params["action"] not in ACTIONS:
        raise Refusal(404, "there is no such page")
    return goto(f"tenants/{visit.request.path_params['slug']}")


async def audit(visit: Visit) -> Response:
    """What happened to a tenant: the control plane's events, and changes of its rows where the visitor may see them."""
    slug, table = visit.request.path_params["slug"], visit.asked("table")
    looks = visit.may("audit_history")
    async with visit.database("event_list") as db:
        row = await db.row("tenant_get", slug=slug)
        tables = [each["table_name"] for each in await db.rows("audit_list", home=slug)] if looks else []
        events = rows = []
        if table in ("", "@"):
            events = await db.rows("event_list", slug=slug, before_id=visit.number("event"), max_rows=ENTRIES)
        if tables and table != "@":
            rows = await db.images(home=slug, table_name=table or None, before=visit.number("row"), max_rows=ENTRIES)
    # Each list in its own order, by which its cursor goes: what took long has an early time and a late number.
    entries = list(
        heapq.merge(map(diff.of_event, events), map(diff.of_row, rows), key=lambda each: each.at, reverse=True)
    )
    more = len(entries) > ENTRIES or len(events) == ENTRIES or len(rows) == ENTRIES
    entries = entries[:ENTRIES]
    cursors = {"event": visit.number("event"), "row": visit.number("row")}
    for each in entries:
        cursors["row" if each.table else "event"] = each.id
    kept = {name: str(value) for name, value in cursors.items() if value is not None} | (
        {"table": table} if table else {}
    )
    return visit.page(
        "tenant_audit.html", "tenants", tenant=row, part="audit", entries=entries, tables=tables,
        asked={"table": table}, rows_told=bool(tables), rows_refused=not looks,
        next_page=url_of(f"tenants/{slug}/audit", kept) if more and entries else None,
    )  # fmt: skip


async def provision_form(visit: Visit, *, trouble: dict[str, Any] | None = None, status: int = 200) -> Response:
    """The form for a new tenant."""
    visit.role("tenant_provision")
    async with visit.database("template_list") as db:
        frozen = [each for each in await db.rows("template_list") if each["version"]]
    fields = ("slug", "template", "display_name", "external_id")
    return visit.page(
        "provision.html", "tenants", status=status, problem=trouble, templates=frozen,
        given={name: visit.form.get(name, "") for name in fields},
    )  # fmt: skip


async def provision(visit: Visit) -> Response:
    """Makes a tenant."""
    given = {name: visit.form.get(name, "").strip() or None for name in ("template", "display_name", "external_id")}
    slug = visit.form.get("slug", "").strip()
    try:
        async with visit.database("tenant_provision", writes=True) as db:
            await db.row("tenant_provision", slug=slug, **given)
    except FreeholdError as error:
        status, trouble = told(visit.request, error)
        return await provision_form(visit, trouble=trouble, status=status)
    return goto(f"tenants/{slug}", said="provisioned")


async def _sizes(visit: Visit, db: Db, shown: list[Row]) -> dict[str, int]:
    if not shown or not visit.may("tenant_size_list"):
        return {}
    wanted = {each["slug"] for each in shown}
    found = await db.rows("tenant_size_list", max_rows=10_000)
    return {each["tenant_slug"]: each["bytes"] for each in found if each["tenant_slug"] in wanted}


async def _members(visit: Visit, db: Db, slug: str) -> list[Row]:
    if not visit.may("member_list"):
        return []
    found = await db.rows("member_list", slug=slug, max_rows=21)
    # What is personal is administrators' alone.
    users = await db.rows("user_list", slug=slug, max_rows=1000) if found and visit.may("user_list") else []
    emails = {each["id"]: each["email"] for each in users}
    return [{**each, "email": emails.get(each["user_id"])} for each in found]
