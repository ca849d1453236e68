"""Sends what was recorded as each platform sends it: signed, encrypted, with its headers."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from services.ingest.platforms import dingtalk, discourse, feishu, slack
from services.ingest.platforms.aes import envelope_key, envelope_signature, seal_envelope
from services.ingest.platforms.contract import Mapped, Request

NOW = 1772326810
"""The Unix seconds at which everything recorded arrives: 2026-03-01T01:00:10Z."""

DISCORD_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"

SECRETS: Mapping[str, dict[str, str]] = {
    "telegram": {"secret_token": "t0ken"},
    "slack": {"signing_secret": "8f742231b10e8888abcd99yyyzzz85a5"},
    "discord": {
        "public_key": DISCORD_KEY.public_key().public_bytes_raw().hex(),
        "relay_token": "relay",
    },
    "feishu": {"verification_token": "TOKEN", "encrypt_key": "test key"},
    "dingtalk": {"app_secret": "s3cret", "token": "tok", "aes_key": AES_KEY, "app_key": "ding1"},
    "wecom": {"token": "QDG6eK", "encoding_aes_key": AES_KEY, "corp_id": "ww1"},
    "discourse": {"secret": "s3cret"},
    "mattermost": {"token": "TOKEN"},
    "zulip": {"token": "TOKEN"},
    "matrix": {"hs_token": "h0me"},
    "generic": {"token": "t0ken"},
}

MAPPING = msgspec.convert(
    {
        "each": "body.posts",
        "rules": [
            {
                "when": "item.kind == 'post'",
                "type": "message.posted",
                "id": "item.id",
                "time": "item.at",
                "data": {"group": "body.room", "member": "item.by", "message": "item.id"},
            },
            {
                "when": "item.kind == 'sale' && item.price > 0",
                "type": "purchase.made",
                "id": "'sale-' + string(item.id)",
                "data": {
                    "group": "body.room",
                    "member": "item.by",
                    "order": "item.id",
                    "amount": "item.price * 100",
                },
            },
        ],
    },
    Mapped,
)

Recorded = dict[str, Any]
Sent = Callable[[Recorded, int], Request]


def recorded(platform: str) -> list[Recorded]:
    """Return what was recorded of a platform: a body, and the events that it means."""
    text = (Path(__file__).parent / "recorded" / f"{platform}.json").read_text()
    items: list[Recorded] = json.loads(text)
    return items


def _telegram(item: Recorded, now: int) -> Request:
    headers = {"x-telegram-bot-api-secret-token": "t0ken"}
    return Request(headers=headers, body=_json(item), now=now)


def _slack(item: Recorded, now: int) -> Request:
    body = _json(item)
    headers = {
        "content-type": "application/json",
        "x-slack-request-timestamp": str(now),
        "x-slack-signature": slack.signature(SECRETS["slack"]["signing_secret"], str(now), body),
    }
    return Request(headers=headers, body=body, now=now)


def _discord(item: Recorded, now: int) -> Request:
    body = _json(item)
    if item.get("relay"):
        return Request(headers={"authorization": "Bearer relay"}, body=body, now=now)
    headers = {
        "x-signature-timestamp": str(now),
        "x-signature-ed25519": DISCORD_KEY.sign(str(now).encode() + body).hex(),
    }
    return Request(headers=headers, body=body, now=now)


def _feishu(item: Recorded, now: int) -> Request:
    body = json.dumps({"encrypt": feishu_encrypted("test key", _json(item))}).encode()
    headers = {
        "x-lark-request-timestamp": str(now),
        "x-lark-request-nonce": "n0nce",
        "x-lark-signature": feishu.signature("test key", str(now), "n0nce", body),
    }
    return Request(headers=headers, body=body, now=now)


def feishu_encrypted(key: str, plain: bytes) -> str:
    initial = bytes(range(16))
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(AES(hashlib.sha256(key.encode()).digest()), CBC(initial)).encryptor()
    padded = padder.update(plain) + padder.finalize()
    return b64encode(initial + encryptor.update(padded) + encryptor.finalize()).decode()


def _dingtalk(item: Recorded, now: int) -> Request:
    millis = str(now * 1000)
    if item.get("robot"):
        headers = {"timestamp": millis, "sign": dingtalk.robot_signature("s3cret", millis)}
        return Request(headers=headers, body=_json(item), now=now)
    sealed = seal_envelope(envelope_key(AES_KEY), _json(item), "ding1", millis)
    query = {
        "msg_signature": envelope_signature("tok", millis, "n", sealed),
        "timestamp": millis,
        "nonce": "n",
    }
    return Request(query=query, body=json.dumps({"encrypt": sealed}).encode(), now=now)


def _wecom(item: Recorded, now: int) -> Request:
    xml = isinstance(item["body"], str)
    plain = item["body"].encode() if xml else _json(item)
    sealed = seal_envelope(envelope_key(AES_KEY), plain, "ww1", str(now))
    query = {
        "msg_signature": envelope_signature("QDG6eK", str(now), "n", sealed),
        "timestamp": str(now),
        "nonce": "n",
    }
    body = (
        f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        if xml
        else f'{{"encrypt":"{sealed}"}}'
    )
    return Request(query=query, body=body.encode(), now=now)


def _discourse(item: Recorded, now: int) -> Request:
    body = _json(item)
    headers = {
        "x-discourse-instance": "https://forum.example.com",
        "x-discourse-event": item.get("event") or item["kind"],
        "x-discourse-event-signature": discourse.signature("s3cret", body),
    }
    return Request(headers=headers, body=body, now=now)


def _mattermost(item: Recorded, now: int) -> Request:
    if "form" in item:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return Request(headers=headers, body=item["form"].encode(), now=now)
    return Request(headers={"content-type": "application/json"}, body=_json(item), now=now)


def _zulip(item: Recorded, now: int) -> Request:
    return Request(body=_json(item), now=now)


def _matrix(item: Recorded, now: int) -> Request:
    return Request(
        method="PUT",
        headers={"authorization": "Bearer h0me"},
        body=_json(item),
        rest="_matrix/app/v1/transactions/1",
        now=now,
    )


def _generic(item: Recorded, now: int) -> Request:
    return Request(headers={"x-steward-token": "t0ken"}, body=_json(item), now=now)


def _json(item: Recorded) -> bytes:
    return json.dumps(item["body"], ensure_ascii=False).encode()


SEND: Mapping[str, Sent] = {
    "telegram": _telegram,
    "slack": _slack,
    "discord": _discord,
    "feishu": _feishu,
    "dingtalk": _dingtalk,
    "wecom": _wecom,
    "discourse": _discourse,
    "mattermost": _mattermost,
    "zulip": _zulip,
    "matrix": _matrix,
    "generic": _generic,
}
