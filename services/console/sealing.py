"""Seals what a cookie carries: AES-256-GCM under a key derived from the console's secret."""

from __future__ import annotations

import base64
import binascii
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES: Final = 12


class UnsealedError(ValueError):
    """A value is none that this seal has made, or was changed."""


class Seal:
    """Makes values that nobody else can read or make.

    The nonce is random: at 2^32 values under one key (NIST SP 800-38D §8.3)
    the secret has to be changed.
    """

    def __init__(self, secret: str, purpose: str = "session") -> None:
        """Derive the key for a purpose from `secret`; from a random one where it is empty."""
        material = secret.encode() or os.urandom(32)
        self._purpose = f"steward console {purpose} 1".encode()
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=self._purpose)
        self._cipher = AESGCM(derive.derive(material))

    def close(self, content: bytes) -> str:
        """Return `content` sealed, fit for a cookie."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, content, self._purpose)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, sealed: str) -> bytes:
        """Return what was sealed. Raises `UnsealedError`."""
        try:
            raw = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], self._purpose)
        except (InvalidTag, binascii.Error, ValueError):
            raise UnsealedError("not sealed here, or changed") from None
