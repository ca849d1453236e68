"""REST: judges a text by a rule set that is still being written."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from services.rules.check import check
from services.rules.pack import MOST_BYTES
from services.rules.rule_sets.api import Writer, checked_pack
from services.rules.rules import RuleSet
from services.rules.schemas import CheckAnswer, CheckRequest
from services.rules.word_lists.lists import WordLists
from shared.web.service import problem_response

_EXAMPLE: Final[JsonDict] = {
    "source": "name: acme\nextends: default\nthresholds: {watch: 0.2, warn: 0.4, delete: 0.6}\n",
    "text": "加.薇.信 abc12345 领红包",
}


class DraftCheck(CheckRequest):
    """A pack as it is written, and a text to judge by it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    source: Annotated[
        str, Field(max_length=MOST_BYTES, description="The pack in YAML: see docs/rules.md.")
    ]


def draft_routes(lists: WordLists) -> APIRouter:
    """Return the routes of rule sets that are not published."""
    router = APIRouter(tags=["rule sets"])

    @router.post(
        "/rule-sets:check",
        responses={422: problem_response("The pack cannot be used; `errors` say where, and why.")},
    )
    async def check_draft(key: Writer, wanted: DraftCheck) -> CheckAnswer:
        """Judge a text by a pack that is not published; nothing is stored or done.

        What moderators taught takes no part: it belongs to what is in force. With a `group`,
        by what the draft says of it.
        """
        pack = await checked_pack(wanted.source)
        rules = await asyncio.to_thread(RuleSet, pack)
        context = wanted.context(key.tenant)
        return CheckAnswer.of(check(rules, wanted.text, context, lists=lists.of(key.tenant)))

    return router
