"""The OpenAPI document: what it says of each function, and what they share."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from freehold.catalog import Catalog, Function
from freehold.http import background, problem, schemas
from freehold.http.calling import ROWS


def describe(function: Function, other: Function | None, steps: background.Work | None = None) -> str:
    """What the document says of a function."""
    text = function.comment
    if steps is not None:
        text += (
            f" The service goes on with it after it has answered: `GET /v1/{steps.look.name}`, or `Prefer: wait=30`."
        )
    if function.name in ROWS:
        text += " `Idempotency-Key` is not heeded: tenants' rows are not kept."
    if other is not None and not function.reads:
        text += f" `If-Match` takes the ETag of `GET /v1/{other.name}`."
    return f"{text}\n\nRoles: {', '.join(function.groups)}."


def responses(catalog: Catalog, function: Function, status: int) -> dict[int | str, dict[str, Any]]:
    """The answers that a route may give."""
    steps = background.work(catalog, function)
    meant = (function if steps is None else steps.first).main
    schema = schemas.result(catalog, meant)
    content: dict[str, Any] = {"application/json": {"schema": {"type": "null"} if schema is None else schema}}
    if function.reads:
        content["text/event-stream"] = {
            "schema": {"type": "string", "description": "The answer, anew when it changes."}
        }
    good: dict[str, Any] = {"description": "What it returns.", "content": content}
    found: dict[int | str, dict[str, Any]] = {status: good}
    if steps is not None:
        good["headers"] = {"Location": {"schema": {"type": "string"}, "description": "Tells how it goes."}}
        found[200] = {**good, "description": "It is over, where `Prefer: wait` was sent."}
    if function.reads:
        good["headers"] = {
            "ETag": {"schema": {"type": "string"}},
            "Link": {"schema": {"type": "string"}, "description": "The next page."},
        }
        found[304] = {"description": "It is what `If-None-Match` names."}
    wrong = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}}
    raised = {_status(state) for state in function.errors}
    for code, text in problem.STATUSES.items():
        if code not in raised and (
            code in (405, 411) or (function.reads and code in (400, 408, 409, 412, 413, 415)) or code == 406
        ):
            continue
        found[code] = {"description": text, "content": wrong}
    for state in function.errors:
        found[_status(state)]["description"] += f" `{state}`"
    return found


def _status(code: str) -> int:
    return {"0": 422, "1": 404, "2": 409, "3": 403, "4": 503, "5": 500}[code[2]]


def complete(app: FastAPI, catalog: Catalog) -> None:
    """Completes the OpenAPI document: the row types, problem details, and how callers prove who they are."""
    made = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = made()
            components = found.setdefault("components", {})
            known = components.setdefault("schemas", {})
            known["problem"] = problem.SCHEMA
            known.update({name: schemas.row(catalog, columns) for name, columns in catalog.composites.items()})
            components["securitySchemes"] = {"bearer": {
                "type": "http", "scheme": "bearer", "description": "An API key, or an access token of a known issuer.",
            }}  # fmt: skip
            for path, item in found["paths"].items():
                if "{slug}" in path:
                    item["parameters"] = [schemas.SLUG]
                for operation in [each for each in item.values() if isinstance(each, dict)]:
                    if path not in ("/", "/health", "/ready"):
                        operation["security"] = [{"bearer": []}]
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]
