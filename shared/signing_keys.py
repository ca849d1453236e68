"""Keys of Standard Webhooks: shared secrets (`whsec_`), and ed25519 pairs (`whsk_`, `whpk_`)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SHARED: Final = "whsec_"
PRIVATE: Final = "whsk_"
PUBLIC: Final = "whpk_"
_KEY_BYTES: Final = 32


class InvalidSecretError(ValueError):
    """A secret is none of the kinds there are, or not base64 of the right length."""


def new_secret() -> str:
    """Return a fresh shared secret of 256 random bits."""
    return SHARED + _base64(secrets.token_bytes(_KEY_BYTES))


def new_private_key() -> str:
    """Return a fresh ed25519 private key (RFC 8032: its 32-byte seed)."""
    return PRIVATE + _base64(secrets.token_bytes(_KEY_BYTES))


def public_key(private: str) -> str:
    """Return the public key of a private one. Raises `InvalidSecretError`."""
    return PUBLIC + _base64(signer(private).public_key().public_bytes_raw())


def shown(secret: str) -> str:
    """Return what a receiver verifies with: the shared secret, or the public half of a key."""
    return public_key(secret) if secret.startswith(PRIVATE) else secret


def jwk(key: str) -> dict[str, str] | None:
    """Return the public half of a private key as RFC 8037 writes it; None for a shared secret."""
    if not key.startswith(PRIVATE):
        return None
    raw = signer(key).public_key().public_bytes_raw()
    x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'  # the thumbprint of RFC 7638
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest())
    kid = thumbprint.rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "use": "sig", "alg": "EdDSA"}


@lru_cache(maxsize=4_096)
def signer(private: str) -> Ed25519PrivateKey:
    """Return what signs with a private key. Raises `InvalidSecretError`."""
    return Ed25519PrivateKey.from_private_bytes(_decoded(private, PRIVATE))


@lru_cache(maxsize=4_096)
def _verifier(public: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_decoded(public, PUBLIC))


def is_signed(public: str, signature: bytes, content: bytes) -> bool:
    """Return whether a signature is the public key's; false, too, for what is no key."""
    try:
        _verifier(public).verify(signature, content)
    except (InvalidSignature, InvalidSecretError):
        return False
    return True


def shared_key(secret: str) -> bytes:
    """Return the bytes of a shared secret. Raises `InvalidSecretError`."""
    try:
        key = base64.b64decode(secret.removeprefix(SHARED), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise InvalidSecretError("not a webhook secret: expected whsec_ and base64")
    return key


def _decoded(key: str, prefix: str) -> bytes:
    try:
        raw = base64.b64decode(key.removeprefix(prefix), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not key.startswith(prefix) or len(raw) != _KEY_BYTES:
        raise InvalidSecretError(f"not a webhook key: expected {prefix} and 32 bytes in base64")
    return raw


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
