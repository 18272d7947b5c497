"""The parts of a web request that may name a tenant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from freehold.context.refusals import RequestMismatch


@dataclass(frozen=True)
class Parts:
    """What a request says, before anybody believed it.

    Attributes:
        path: Decoded, as the routes of the application see it.
        headers: Names and values, in order, as often as they came.
        raw_path: The path as it was sent, where the server keeps it.
        claims: What the application has verified itself, of a session or a token.
    """

    path: str
    headers: tuple[tuple[str, str], ...]
    raw_path: str | None = None
    claims: Mapping[str, Any] | None = None

    @classmethod
    def asgi(cls, scope: Mapping[str, Any], claims: Mapping[str, Any] | None = None) -> Parts:
        """Of an ASGI scope: Starlette's and FastAPI's ``request.scope``, a websocket's too."""
        headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
        raw = scope.get("raw_path")
        return cls(
            path=scope["path"],
            headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers),
            raw_path=None if raw is None else raw.decode("latin-1").partition("?")[0],
            claims=claims,
        )

    @classmethod
    def wsgi(cls, environ: Mapping[str, Any], claims: Mapping[str, Any] | None = None) -> Parts:
        """Of a WSGI environ: Flask's ``request.environ``, Django's ``request.META``."""
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        return cls(
            path=path.encode("latin-1", "replace").decode("utf-8", "replace"),
            headers=tuple(
                (name[5:].replace("_", "-"), value) for name, value in environ.items() if name.startswith("HTTP_")
            ),
            claims=claims,
        )

    def header(self, name: str) -> str | None:
        """The value of a header, or None where it did not come.

        Raises:
            RequestMismatch: It came with two values.
        """
        values = {value for given, value in self.headers if given.lower() == name.lower()}
        if len(values) > 1:
            raise RequestMismatch(f"header {name} came with {len(values)} values")
        return values.pop() if values else None
