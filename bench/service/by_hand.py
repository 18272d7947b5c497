"""The endpoint as one writes it with FastAPI and psycopg for one schema, its callers known by keys or tokens."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, Header, HTTPException
from psycopg_pool import AsyncConnectionPool


def create_app(
    dsn: str, *, size: int, hashed: dict[str, str], public: dict[str, Any], issuer: str, audience: str
) -> FastAPI:
    """The application.

    Args:
        dsn: How to connect.
        size: Connections.
        hashed: The name of the holder of each API key, by its SHA-256.
        public: The key of the tokens' issuer, as JWK.
        issuer: Of tokens.
        audience: Of tokens.
    """
    pool = AsyncConnectionPool(dsn, min_size=size, max_size=size, open=False)
    key = jwt.PyJWK(public)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with pool:
            yield

    app = FastAPI(lifespan=lifespan)

    async def caller(authorization: Annotated[str, Header()]) -> str:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() == "bearer":
            if token.startswith("fh_"):
                name = hashed.get(hashlib.sha256(token.encode()).hexdigest())
                if name is not None:
                    return name
            else:
                with contextlib.suppress(jwt.PyJWTError):
                    claims = jwt.decode(
                        token, key, algorithms=["RS256"], audience=audience, issuer=issuer,
                        options={"require": ["exp", "iss", "aud"]},
                    )  # fmt: skip
                    return str(claims["sub"])
        raise HTTPException(401)

    @app.get("/t/{slug}/note/{number}")
    async def note(slug: str, number: int, who: Annotated[str, Depends(caller)]) -> dict[str, Any]:
        async with pool.connection() as connection:
            row = await (await connection.execute("select body from note where id = %s", (number,))).fetchone()
        if row is None:
            raise HTTPException(404)
        return {"tenant": slug, "id": number, "body": row[0]}

    return app
