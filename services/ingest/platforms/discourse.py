"""Discourse: webhooks, signed with HMAC-SHA256 of the body.

https://meta.discourse.org/t/configure-webhooks-that-trigger-on-discourse-events/49045
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from services.ingest.platforms.contract import (
    Draft,
    Mapped,
    Platform,
    Received,
    Request,
    Secrets,
    iso,
    read_json,
    require_same,
)
from services.ingest.platforms.payload import Payload

BECOMES: Final = {
    "post_created": ("message.posted",),
    "post_edited": ("message.edited",),
    "post_destroyed": ("message.deleted",),
    "post_liked": ("reaction.added",),
    "user_created": ("member.joined",),
    "user_destroyed": ("member.left",),
}


def receive(request: Request, secrets: Secrets, _: Mapped | None) -> Received:
    """Read one event; the forum is the group, named by its host."""
    given = request.header("x-discourse-event-signature")
    require_same(given, signature(secrets["secret"], request.body))
    body = Payload(read_json(request.body))
    kind = request.header("x-discourse-event")
    make = _MAKERS.get(kind)
    group = _host(request.header("x-discourse-instance"))
    if make is None or _private(body):
        return Received(ignored=[kind])
    return Received([make(kind, group, body)])


def signature(secret: str, body: bytes) -> str:
    """Return what `X-Discourse-Event-Signature` must be."""
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


def _posted(kind: str, group: str, body: Payload) -> Draft:
    post = body["post"]
    replied = post["reply_to_post_number"].id
    data = _authored(group, post) | {
        "message": post["id"].id,
        "text": post.first("raw", "cooked").text,
        # Discourse names the post that is answered by its number within the topic.
        "reply_to": f"{post['topic_id'].id}/{replied}" if replied else "",
        "reply_to_member": post["reply_to_user"]["username"].text,
    }
    return _draft(kind, "message.posted", f"{kind}:{post['id'].id}", post["created_at"], data)


def _edited(kind: str, group: str, body: Payload) -> Draft:
    post = body["post"]
    text = post.first("raw", "cooked").text
    data = _authored(group, post) | {"message": post["id"].id, "text": text}
    identity = f"{kind}:{post['id'].id}:{post['version'].id}:{post['updated_at'].text}"
    return _draft(kind, "message.edited", identity, post["updated_at"], data)


def _deleted(kind: str, group: str, body: Payload) -> Draft:
    post = body["post"]
    author = post["username"].text
    data = {"group": group, "member": author, "author": author, "message": post["id"].id}
    at = post.first("deleted_at", "updated_at")
    return _draft(kind, "message.deleted", f"{kind}:{post['id'].id}:{at.text}", at, data)


def _liked(kind: str, group: str, body: Payload) -> Draft:
    post, person = body["like"]["post"], body["like"]["user"]["username"].text
    data = {
        "group": group,
        "member": person,
        "message": post["id"].id,
        "author": post["username"].text,
        "emoji": "heart",
    }
    return _draft(kind, "reaction.added", f"{kind}:{post['id'].id}:{person}", Payload(None), data)


def _joined(kind: str, group: str, body: Payload) -> Draft:
    user = body["user"]
    data = {"group": group, "member": user["username"].text, "name": user["name"].text}
    return _draft(kind, "member.joined", f"{kind}:{user['id'].id}", user["created_at"], data)


def _left(kind: str, group: str, body: Payload) -> Draft:
    user = body["user"]
    data = {"group": group, "member": user["username"].text}
    return _draft(kind, "member.left", f"{kind}:{user['id'].id}", Payload(None), data)


def _authored(group: str, post: Payload) -> dict[str, Any]:
    runs = post["admin"].value is True or post["moderator"].value is True
    role = "operator" if runs else "member"
    return {"group": group, "member": post["username"].text, "role": role}


def _draft(kind: str, type: str, id: str, at: Payload, data: dict[str, Any]) -> Draft:
    return Draft(kind=kind, type=type, id=id, time=iso(at.text), data=data)


def _private(body: Payload) -> bool:
    return body["post"]["topic_archetype"].text == "private_message"


def _host(instance: str) -> str:
    """Return the host of the forum's address."""
    try:
        return urlsplit(instance).hostname or ""
    except ValueError:
        return ""


_MAKERS: Final[Mapping[str, Callable[[str, str, Payload], Draft]]] = {
    "post_created": _posted,
    "post_edited": _edited,
    "post_destroyed": _deleted,
    "post_liked": _liked,
    "user_created": _joined,
    "user_destroyed": _left,
}

DISCOURSE: Final = Platform(name="discourse", needs=("secret",), becomes=BECOMES, receive=receive)
