"""The endpoint as one writes it with FastAPI and psycopg for one schema, its callers known by keys or tokens.

API keys stand hashed in a table, or are read once and kept in memory.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

import jwt
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request
from psycopg_pool import AsyncConnectionPool

router = APIRouter()
KEY = "select name from api_key where sha256 = %s and revoked_at is null and (expires_at is null or expires_at > now())"


async def digest(request: Request, authorization: Annotated[str, Header()]) -> bytes | None:
    """What an API key is still to be looked up by; None where it is known who calls."""
    known = request.app.state
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer":
        if token.startswith("fh_"):
            hashed = hashlib.sha256(token.encode()).digest()
            if known.hashed is None:
                return hashed
            if hashed in known.hashed:
                return None
        else:
            with contextlib.suppress(jwt.PyJWTError):
                jwt.decode(
                    token, known.key, algorithms=["RS256"], audience=known.audience, issuer=known.issuer,
                    options={"require": ["exp", "iss", "aud"]},
                )  # fmt: skip
                return None
    raise HTTPException(401)


@router.get("/t/{slug}/note/{number}")
async def note(
    request: Request, slug: str, number: int, asked: Annotated[bytes | None, Depends(digest)]
) -> dict[str, Any]:
    """A note."""
    async with request.app.state.pool.connection() as connection:
        if asked is not None:
            found = await (await connection.execute(KEY, (asked,))).fetchone()
            if found is None:
                raise HTTPException(401)
        row = await (await connection.execute("select body from note where id = %s", (number,))).fetchone()
    if row is None:
        raise HTTPException(404)
    return {"tenant": slug, "id": number, "body": row[0]}


def create_app(
    dsn: str, *, size: int, hashed: dict[bytes, str] | None, public: dict[str, Any], issuer: str, audience: str
) -> FastAPI:
    """The application.

    Args:
        dsn: How to connect.
        size: Connections.
        hashed: The name of the holder of each API key, by its SHA-256; None: the table ``api_key`` tells.
        public: The key of the tokens' issuer, as JWK.
        issuer: Of tokens.
        audience: Of tokens.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncConnectionPool(dsn, min_size=size, max_size=size, open=False) as pool:
            app.state.pool = pool
            yield

    app = FastAPI(lifespan=lifespan)
    app.state.hashed, app.state.key, app.state.issuer, app.state.audience = hashed, jwt.PyJWK(public), issuer, audience
    app.include_router(router)
    return app
