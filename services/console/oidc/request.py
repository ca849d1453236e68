"""What the browser is sent to the identity provider with, and what has to come back. Pure."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlencode

from msgspec import Struct


class SignInRequest(Struct, frozen=True, kw_only=True):
    """A sign-in that is under way in one browser, until `until` (seconds since 1970).

    `state` comes back in the address, `nonce` in the ID token; `verifier` proves to
    the provider that the code is redeemed by who asked for it (PKCE, RFC 7636).
    `to` is the page to go on to.
    """

    state: str
    nonce: str
    verifier: str
    to: str
    until: float

    def __repr__(self) -> str:
        return f"SignInRequest({self.to!r})"

    @property
    def challenge(self) -> str:
        """The SHA-256 of the verifier, as the provider is told it."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def address(self, endpoint: str, client: str, callback: str, scope: str) -> str:
        """Return where the browser goes to sign in (OpenID Connect Core 1.0, 3.1.2.1)."""
        asked = {
            "response_type": "code",
            "client_id": client,
            "redirect_uri": callback,
            "scope": scope,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"
