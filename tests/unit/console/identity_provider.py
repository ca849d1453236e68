"""An identity provider on a socket of its own: OpenID Connect with real signatures.

It signs anybody in at once, and says of them what the test wants said.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT = "steward-console"
CLIENT_SECRET = "the-console-s:own"


@dataclass
class IdentityProvider:
    """Where it is, whom it signs in, and what it gets wrong if it is told to."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    claims: dict[str, Any] = field(default_factory=dict)
    """What the ID token says, over what it should say."""
    redeemed: int = 0
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def offer(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Return where the browser goes once somebody is signed in."""
        assert query["code_challenge_method"] == "S256"
        assert query["client_id"] == CLIENT
        code = f"code-{len(self._codes)}"
        self._codes[code] = query
        told = {"code": code, "state": query["state"], "iss": self.url}
        return f"{query['redirect_uri']}?{urlencode(told)}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Redeem a code, once, for who can prove to have asked for it."""
        asked = self._codes.pop(form.get("code", ""), None)
        expected = base64.b64encode(b"steward-console:the-console-s%3Aown").decode()
        if asked is None or authorization != f"Basic {expected}":
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return None
        if form["redirect_uri"] != asked["redirect_uri"]:
            return None
        self.redeemed += 1
        return {"token_type": "Bearer", "access_token": "none", "id_token": self.sign(asked)}

    def sign(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        usual = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "u-4711",
            "name": "Mei Lin",
            "groups": ["helpers"],
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
        }
        header = {"alg": "RS256", "kid": self.key.kid}
        return jwt.encode(header, {**usual, **self.claims}, self.key)


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/authorize":
                self.send_response(302)
                self.send_header("location", provider.authorize(query))
                self.end_headers()
            elif parts.path == "/keys":
                self._say(200, KeySet([provider.key]).as_dict(private=False))
            else:
                self._say(200, provider.offer())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            told = provider.token(form, self.headers.get("authorization", ""))
            self._say(400 if told is None else 200, told or {"error": "invalid_grant"})

        def _say(self, status: int, told: object) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://localhost:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        http.shutdown()
        thread.join(30)
        http.server_close()


def settings_of(provider: IdentityProvider, key: str, console_url: str) -> dict[str, Any]:
    """Return the console's settings for signing in with a provider."""
    return {
        "console_url": console_url,
        "console_oidc_issuer": provider.url,
        "console_oidc_client_id": CLIENT,
        "console_oidc_client_secret": CLIENT_SECRET,
        "console_oidc_key": key,
        "console_oidc_roles": "admin=leads, moderator=helpers",
    }
