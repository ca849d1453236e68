"""AES-256-CBC as the Chinese platforms encrypt callbacks, and their envelope around it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

BLOCK: Final = 16
PADDED_TO: Final = 32
"""WeCom and DingTalk pad to multiples of 32 bytes, two AES blocks."""
_RANDOM: Final = 16
_LENGTH: Final = 4


class DecryptionError(ValueError):
    """A text was not encrypted with this key, or is broken."""


def decrypt(key: bytes, initial: bytes, encrypted: bytes, padded_to: int) -> bytes:
    """Return the plain text, PKCS #7 padding to multiples of `padded_to` bytes taken off."""
    if not encrypted or len(encrypted) % BLOCK:
        raise DecryptionError("not whole blocks")
    decryptor = Cipher(AES(key), CBC(initial)).decryptor()
    padded = decryptor.update(encrypted) + decryptor.finalize()
    count = padded[-1]
    if not 1 <= count <= padded_to or padded[-count:] != bytes([count]) * count:
        raise DecryptionError("wrong padding")
    return padded[:-count]


def from_base64(text: str) -> bytes:
    """Decode base64. Raises `DecryptionError`."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise DecryptionError("not base64") from None


def envelope_key(encoding_aes_key: str) -> bytes:
    """Return the key that an EncodingAESKey of 43 characters stands for.

    Raises `DecryptionError` if it is none.
    """
    key = from_base64(encoding_aes_key + "=")
    if len(key) != 2 * BLOCK:
        raise DecryptionError("an EncodingAESKey has 43 characters")
    return key


def open_envelope(key: bytes, encrypted: str) -> tuple[bytes, str]:
    """Return the message and whom it is for. Raises `DecryptionError`.

    The envelope is 16 random bytes, the message's length in 4, the message, the receiver.
    """
    plain = decrypt(key, key[:BLOCK], from_base64(encrypted), PADDED_TO)
    start = _RANDOM + _LENGTH
    end = start + int.from_bytes(plain[_RANDOM:start], "big")
    if len(plain) < start or end > len(plain):
        raise DecryptionError("wrong length")
    return plain[start:end], plain[end:].decode("utf-8", "replace")


def seal_envelope(key: bytes, message: bytes, receiver: str, seed: str) -> str:
    """Return a message in the envelope, encrypted, in base64.

    `seed` is what makes this answer unlike any other; the random bytes are its keyed hash.
    """
    head = hmac.digest(key, seed.encode(), "sha256")[:_RANDOM]
    plain = head + len(message).to_bytes(_LENGTH, "big") + message + receiver.encode()
    count = PADDED_TO - len(plain) % PADDED_TO
    encryptor = Cipher(AES(key), CBC(key[:BLOCK])).encryptor()
    sealed = encryptor.update(plain + bytes([count]) * count) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def envelope_signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """Return the SHA-1 over the four parts in their sorted order, as both platforms sign."""
    parts = sorted((token, timestamp, nonce, encrypted))
    together = "".join(parts).encode("utf-8", "replace")
    return hashlib.sha1(together, usedforsecurity=False).hexdigest()
