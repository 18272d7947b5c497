"""Models of what a function takes, and JSON schemas of what it returns, by PostgreSQL's types."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    create_model,
)

from freehold.catalog import Argument, Catalog, Column, Overload

EXAMPLES: dict[str, Any] = {
    "slug": "acme", "source": "acme", "target": "acme-staging", "new_slug": "acme-corp", "template": "crm",
    "home": "acme", "reason": "ticket 4711", "ticket": "OPS-4711", "name": "crm", "display_name": "Acme Ltd",
    "external_id": "76.123.456-K",
    "email": "alice@example.com", "issuer": "https://login.example.com", "subject": "alice",
    "role": "member", "table_name": "contact", "ttl": "01:00:00", "id": 1,
}  # fmt: skip
"""What arguments look like, by name, for the document."""


SLUG: dict[str, Any] = {
    "name": "slug", "in": "path", "required": True, "description": "The tenant.",
    "schema": {"type": "string", "maxLength": 40, "pattern": "^[a-z0-9](-?[a-z0-9])*$"}, "example": "acme",
}  # fmt: skip
"""The tenant in a path, for the document."""


def _text(value: str) -> str:
    # PostgreSQL has no NUL in texts, and what is no character no encoding.
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("has a character that PostgreSQL cannot store")
    return value


def _uuid(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        raise ValueError("is no uuid") from None


def _json(value: Any) -> str:
    return _text(json.dumps(value, ensure_ascii=False, allow_nan=False))


def _json_text(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


_TEXT: Any = Annotated[str, AfterValidator(_text)]
_UUID: Any = Annotated[
    str, StringConstraints(max_length=45), AfterValidator(_uuid), WithJsonSchema({"type": "string", "format": "uuid"})
]
_NUMBER: Any = Annotated[float, Field(allow_inf_nan=False), AfterValidator(lambda value: str(Decimal(repr(value))))]
_TYPES: dict[str, Any] = {
    "boolean": bool,
    "integer": Annotated[int, Field(ge=-(2**31), le=2**31 - 1)],
    "bigint": Annotated[int, Field(ge=-(2**63), le=2**63 - 1)],
    "numeric": _NUMBER,
    "uuid": _UUID,
    "jsonb": Annotated[Any, AfterValidator(_json), WithJsonSchema({})],
    "bytea": Annotated[str, StringConstraints(pattern=r"^\\x([0-9a-fA-F]{2})*$")],
}
_RESULTS: dict[str, dict[str, Any]] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "bigint": {"type": "integer"},
    "numeric": {"type": "number"},
    "jsonb": {},
    "uuid": {"type": "string", "format": "uuid"},
}


class Arguments(BaseModel):
    """What is common to all arguments: nothing else may be given, and in a body types are as they are."""

    model_config = ConfigDict(extra="forbid")


class _Body(Arguments):
    model_config = ConfigDict(extra="forbid", strict=True)


def arguments(name: str, overload: Overload, *, query: bool, without: Iterable[str] = ()) -> type[Arguments]:
    """The model of a function's arguments.

    Args:
        name: Of the model.
        overload: Whose arguments.
        query: Whether they come in the query rather than in a body.
        without: Those that the caller does not give.
    """
    left_out = set(without)
    fields: dict[str, Any] = {
        _attribute(argument.name): _field(argument, query)
        for argument in overload.arguments
        if argument.name not in left_out
    }
    return create_model(name, __base__=Arguments if query else _Body, **fields)


def _attribute(name: str) -> str:
    # A model has attributes of its own, schema for one.
    return name + "_" if hasattr(BaseModel, name) else name


def _field(argument: Argument, query: bool) -> tuple[Any, Any]:
    base, array = argument.type.removesuffix("[]"), argument.type.endswith("[]")
    kind: Any = _TYPES.get(base, _TEXT)
    if argument.words:
        # The document tells them; the function refuses another, and says which there are.
        kind = Annotated[kind, WithJsonSchema(_word(argument.words))]
    if query and base == "jsonb":
        kind = Annotated[Any, BeforeValidator(_json_text), AfterValidator(_json), WithJsonSchema({"type": "string"})]
    if array:
        kind = list[kind]
    extra: dict[str, Any] = {"description": f"`{argument.type}`"}
    if _attribute(argument.name) != argument.name:
        extra["alias"] = argument.name
    if argument.name in EXAMPLES and not array and base in ("text", "interval", "bigint"):
        extra["examples"] = [EXAMPLES[argument.name]]
    if argument.required:
        return kind, Field(**extra)
    return (kind if query else kind | None), Field(default=None, **extra)


def result(catalog: Catalog, overload: Overload) -> dict[str, Any] | None:
    """The JSON schema of what a function returns; None where it returns nothing.

    Args:
        catalog: Where row types are described.
        overload: The set of arguments.
    """
    one: dict[str, Any] | None
    if overload.composite is not None:
        one = {"$ref": f"#/components/schemas/{overload.composite}"}
    elif overload.columns:
        one = row(catalog, overload.columns)
    else:
        one = None if overload.result == "void" else value(catalog, overload.result)
    if overload.many:
        return {"type": "array", "items": one if one is not None else {}}
    return nullable(one) if one is not None and overload.maybe else one


def row(catalog: Catalog, columns: Iterable[Column]) -> dict[str, Any]:
    """The JSON schema of a row."""
    columns = tuple(columns)
    return {
        "type": "object",
        "properties": {column.name: _column(catalog, column) for column in columns},
        "required": [column.name for column in columns],
    }


def _column(catalog: Catalog, column: Column) -> dict[str, Any]:
    one = _word(column.words) if column.words else value(catalog, column.type)
    return one if column.present else nullable(one)


def _word(words: Iterable[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(words)}


def value(catalog: Catalog, kind: str) -> dict[str, Any]:
    """The JSON schema of a value."""
    if kind.endswith("[]"):
        return {"type": "array", "items": nullable(value(catalog, kind.removesuffix("[]")))}
    name = kind.removeprefix("freehold.")
    if name in catalog.composites:
        return {"$ref": f"#/components/schemas/{name}"}
    return dict(_RESULTS.get(kind, {"type": "string"}))


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of what may be null as well."""
    if not schema:
        return {}
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    either = {**schema, "type": [schema["type"], "null"]}
    return either | {"enum": [*schema["enum"], None]} if "enum" in schema else either
