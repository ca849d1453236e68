"""REST: the word lists that an operator supplies."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path

from services.rules.review.asking import Asking
from services.rules.word_lists.lists import MOST_LISTS, WordList, too_short, version_of
from services.rules.word_lists.schemas import (
    NewWordList,
    WholeWordList,
    WordListAnswer,
    WordListPage,
)
from services.rules.word_lists.store import WordListStore
from shared.events import Millis, TenantId, derive_id
from shared.reviews import Audited, Reviewer
from shared.web.auth import Tenanted, key_with
from shared.web.keys import ApiKey
from shared.web.problems import NotFound, Problem
from shared.web.scopes import Scope
from shared.web.service import problem_response

Writer = Annotated[ApiKey, key_with(Scope.RULES_WRITE)]
Name = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,63}$", description="As conditions say it.")]


def word_list_routes(store: WordListStore, asking: Asking) -> APIRouter:
    """Return the routes of `lists`; what they change is told to the audit log by `asking`."""
    router = APIRouter(tags=["word lists"])

    @router.get("/lists")
    async def lists(tenant: Tenanted) -> WordListPage:
        """Tell which lists there are."""
        return WordListPage(items=[WordListAnswer.of(each) for each in await store.all(tenant)])

    @router.get("/lists/{name}")
    async def get(tenant: Tenanted, name: Name) -> WholeWordList:
        """Tell all that a list says."""
        found = await store.get(tenant, name)
        if found is None:
            raise _nothing()
        return WholeWordList.of(found)

    @router.put(
        "/lists/{name}",
        responses={409: problem_response(f"The tenant has {MOST_LISTS} lists already.")},
    )
    async def put(key: Writer, name: Name, wanted: NewWordList) -> WordListAnswer:
        """Say what a list says from now on: in every replica within a second or two.

        Conditions count its words as `list.<name>`, if their pack declares it.
        """
        await asyncio.to_thread(_check, wanted)
        await _make_room(store, key.tenant, name)
        kept = await store.put(_list_of(key, name, wanted))
        await asking.write(_told(key, "word_list.put", kept.changed_at, kept.version))
        return WordListAnswer.of(kept)

    @router.delete("/lists/{name}", status_code=204)
    async def remove(key: Writer, name: Name) -> None:
        """Remove a list: none of its words is looked for any more."""
        removed_at = await store.remove(key.tenant, name)
        if removed_at is None:
            raise _nothing()
        await asking.write(_told(key, "word_list.removed", removed_at, name))

    return router


async def _make_room(store: WordListStore, tenant: TenantId, name: str) -> None:
    names = await store.names(tenant)
    if name not in names and len(names) >= MOST_LISTS:
        raise Problem(409, "Too many word lists", detail=f"A tenant may have {MOST_LISTS} of them.")


def _check(wanted: NewWordList) -> None:
    """Raise `Problem` (422) for words that would be found anywhere."""
    errors: list[dict[str, str | int]] = [
        {"pointer": f"/{part}/{i}", "detail": "has less than two letters or digits"}
        for part in ("words", "exceptions")
        for i, word in enumerate(getattr(wanted, part))
        if too_short(word)
    ]
    if errors:
        raise Problem(422, "Unusable words", detail="Some words are too short.", errors=errors[:20])


def _list_of(key: ApiKey, name: str, wanted: NewWordList) -> WordList:
    words, exceptions = (list(dict.fromkeys(some)) for some in (wanted.words, wanted.exceptions))
    return WordList(
        tenant=key.tenant,
        name=name,
        version=version_of(name, words, exceptions),
        words=words,
        exceptions=exceptions,
        note=wanted.note,
        by=key.id,
        changed_at=datetime.now(UTC),
    )


def _told(key: ApiKey, what: str, at: datetime, subject: str) -> Audited:
    time = Millis(int(at.timestamp() * 1000))
    return Audited(
        id=derive_id(key.tenant, what, subject, str(time)),
        tenant=key.tenant,
        time=time,
        by=Reviewer(key.id),
        what=what,
        subject=subject,
        detail={},
    )


def _nothing() -> NotFound:
    return NotFound("There is no such word list.")
