"""An OIDC issuer on loopback: discovery, keys, authorization code with PKCE, tokens.

    with OidcIssuer(users={"ada": {"roles": ["fleet-admin"]}}, clients={"console": [redirect_uri]}) as issuer:
        issuer.token("ada")               # an access token
        issuer.rotate()                   # new keys; what the old ones signed stays good where they are kept
        httpx.get(issuer.discovery_url)   # where the rest is

``/authorize`` redirects at once with ``login_hint=<user>``, and otherwise shows a button for each user.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Collection, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

Private: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Answer: TypeAlias = tuple[int, dict[str, str], bytes]
AUDIENCE = "https://freehold.example"


class OidcIssuer:
    """The issuer, and what a test changes of it.

    Args:
        users: By subject, the claims of its tokens beside the usual ones.
        clients: By client id, the redirect URIs that it may use.
        audience: Of access tokens.
        algorithm: RS256 or ES256, which tokens are signed with where nothing else is said.
        lifetime: Seconds that tokens are good for.

    Attributes:
        url: What its tokens call it.
        asked: How often each path was asked for.
        down: Answer 503 to everything.
        published: Answer these bytes in place of the JWKS.
        moved: Send whoever asks for the JWKS there.
        gate: Where it is set to an event, answers wait for it.
    """

    def __init__(
        self,
        *,
        users: Mapping[str, Mapping[str, Any]] | None = None,
        clients: Mapping[str, Collection[str]] | None = None,
        audience: str = AUDIENCE,
        algorithm: str = "RS256",
        lifetime: int = 600,
    ) -> None:
        self.users = dict(users if users is not None else {"ada": {}})
        self.clients = {name: set(uris) for name, uris in (clients or {}).items()}
        self.audience, self.algorithm, self.lifetime = audience, algorithm, lifetime
        self.asked: Counter[str] = Counter()
        self.down = False
        self.published: bytes | None = None
        self.moved: str | None = None
        self.gate: threading.Event | None = None
        self._codes: dict[str, dict[str, str]] = {}
        self._public: list[dict[str, Any]] = []
        self.keys: dict[str, tuple[str, Private]] = {}
        self.rotate()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> OidcIssuer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.gate is not None:
            self.gate.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def discovery_url(self) -> str:
        return f"{self.url}/.well-known/openid-configuration"

    @property
    def jwks_url(self) -> str:
        return f"{self.url}/jwks.json"

    @property
    def jwks(self) -> dict[str, Any]:
        """What is published: the keys of now, and those before that were kept."""
        return {"keys": list(self._public)}

    def rotate(self, *, keep: bool = True) -> None:
        """Makes new keys under new names; without ``keep`` the old ones are withdrawn."""
        made: dict[str, tuple[str, Private]] = {
            "RS256": (secrets.token_hex(8), rsa.generate_private_key(public_exponent=65537, key_size=2048)),
            "ES256": (secrets.token_hex(8), ec.generate_private_key(ec.SECP256R1())),
        }
        shown = [_public(kid, algorithm, key) for algorithm, (kid, key) in made.items()]
        self._public = shown + (self._public if keep else [])
        self.keys = made

    def token(
        self,
        subject: str = "ada",
        *,
        algorithm: str | None = None,
        typ: str | None = "at+jwt",
        headers: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """An access token; a claim or header that is ``...`` is left out."""
        now = int(time.time())
        usual = {"iss": self.url, "sub": subject, "aud": self.audience, "iat": now, "exp": now + self.lifetime}
        given = usual | {"jti": secrets.token_hex(8)} | dict(self.users.get(subject, {})) | claims
        return self.sign(given, algorithm=algorithm, headers={"typ": typ, **(headers or {})})

    def id_token(self, subject: str, client: str, nonce: str | None = None, **claims: Any) -> str:
        now = int(time.time())
        given = {"iss": self.url, "sub": subject, "aud": client, "iat": now, "exp": now + self.lifetime}
        return self.sign(given | ({"nonce": nonce} if nonce else {}) | claims)

    def sign(
        self, claims: Mapping[str, Any], *, algorithm: str | None = None, headers: Mapping[str, Any] | None = None
    ) -> str:
        """A token of any claims, signed by the key of now."""
        which = algorithm or self.algorithm
        kid, key = self.keys[which]
        said = {"kid": kid, "typ": "JWT", **(headers or {})}
        return jwt.encode(
            {name: value for name, value in claims.items() if value is not ...}, key, which,
            headers={name: value for name, value in said.items() if value is not ...},
        )  # fmt: skip

    # What is asked over HTTP

    def answer(self, method: str, path: str, query: dict[str, str], form: dict[str, str]) -> Answer:
        self.asked[path] += 1
        if self.gate is not None:
            self.gate.wait(30)
        if self.down:
            return 503, {}, b"down"
        if (method, path) == ("GET", "/.well-known/openid-configuration"):
            return _json(200, self._discovery())
        if (method, path) == ("GET", "/jwks.json"):
            if self.moved is not None:
                return 302, {"Location": self.moved}, b""
            return _json(200, self.jwks) if self.published is None else (200, {}, self.published)
        if (method, path) == ("GET", "/authorize"):
            return self._authorize(query)
        if (method, path) == ("POST", "/token"):
            return self._token(form)
        return 404, {}, b"nothing here"

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "jwks_uri": self.jwks_url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        }

    def _authorize(self, query: dict[str, str]) -> Answer:
        uri = query.get("redirect_uri", "")
        # Nobody is sent anywhere that the client has not registered.
        if uri not in self.clients.get(query.get("client_id", ""), ()):
            return 400, {}, b"no such client, or not its redirect_uri"
        state = {"state": query["state"]} if "state" in query else {}
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            return _redirect(uri, {"error": "invalid_request"} | state)
        if not query.get("code_challenge") or "openid" not in query.get("scope", "").split():
            return _redirect(uri, {"error": "invalid_request"} | state)
        user = query.get("login_hint")
        if user is None:
            return self._page(query)
        if user not in self.users:
            return _redirect(uri, {"error": "access_denied"} | state)
        code = secrets.token_urlsafe(24)
        self._codes[code] = query
        return _redirect(uri, {"code": code} | state)

    def _page(self, query: dict[str, str]) -> Answer:
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in query.items()
        )
        buttons = "".join(
            f'<button name="login_hint" value="{html.escape(u)}">{html.escape(u)}</button>' for u in self.users
        )
        text = f'<!doctype html><title>Sign in</title><form action="/authorize">{hidden}{buttons}</form>'
        return 200, {"Content-Type": "text/html; charset=utf-8"}, text.encode()

    def _token(self, form: dict[str, str]) -> Answer:
        if form.get("grant_type") != "authorization_code":
            return _json(400, {"error": "unsupported_grant_type"})
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or any(form.get(name) != asked[name] for name in ("client_id", "redirect_uri")):
            return _json(400, {"error": "invalid_grant"})
        if challenge != asked["code_challenge"]:
            return _json(400, {"error": "invalid_grant"})
        user = asked["login_hint"]
        claims = self.users[user]
        return _json(
            200,
            {
                "access_token": self.token(user, client_id=asked["client_id"], scope=asked["scope"]),
                "id_token": self.id_token(user, asked["client_id"], asked.get("nonce"), **claims),
                "token_type": "Bearer",
                "expires_in": self.lifetime,
                "scope": asked["scope"],
            },
        )


def _public(kid: str, algorithm: str, key: Private) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        shown = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        shown = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**shown, "kid": kid, "alg": algorithm, "use": "sig"}


def _json(status: int, body: object) -> Answer:
    return status, {"Content-Type": "application/json", "Cache-Control": "no-store"}, json.dumps(body).encode()


def _redirect(uri: str, query: Mapping[str, str]) -> Answer:
    return 302, {"Location": f"{uri}{'&' if '?' in uri else '?'}{urlencode(query)}"}, b""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of who did not wait for the answer."""


def _handler(issuer: OidcIssuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply("GET", b"")

        def do_POST(self) -> None:
            self.reply("POST", self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def reply(self, method: str, body: bytes) -> None:
            url = urlsplit(self.path)
            query, form = (
                {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
                for text in (url.query, body.decode())
            )
            status, headers, text = issuer.answer(method, url.path, query, form)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Says nothing."""

    return Handler
