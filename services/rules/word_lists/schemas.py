"""What the REST routes of word lists take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.rules.word_lists.lists import LONGEST_WORD, MOST_WORDS, WordList

Word = Annotated[str, Field(min_length=1, max_length=LONGEST_WORD)]
Words = Annotated[list[Word], Field(max_length=MOST_WORDS)]


class NewWordList(BaseModel):
    """The words of a list, all of them: they take the place of what it said."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"words": ["红色暗号"], "exceptions": ["红色暗号灯"], "note": "from legal"}
            ]
        },
    )

    words: Annotated[Words, Field(description="Words and phrases; none: the list is empty.")]
    exceptions: Annotated[
        Words, Field(description="Phrases inside of which a word does not count.")
    ] = []
    note: Annotated[str, Field(max_length=200, description="Why, for whoever reads it.")] = ""


class WordListAnswer(BaseModel):
    """A list, without what it says."""

    name: str
    version: Annotated[str, Field(description="What verdicts name.", examples=["political@0f6f4a"])]
    size: Annotated[int, Field(description="How many words it has.")]
    note: str
    changed_at: datetime
    changed_by: Annotated[str, Field(description="The id of the API key.")]

    @classmethod
    def of(cls, found: WordList) -> WordListAnswer:
        """Return a list as REST gives it."""
        return cls(
            name=found.name,
            version=found.version,
            size=len(found.words),
            note=found.note,
            changed_at=found.changed_at,
            changed_by=found.by,
        )


class WholeWordList(WordListAnswer):
    """A list with all that it says."""

    words: list[str]
    exceptions: list[str]

    @classmethod
    def of(cls, found: WordList) -> WholeWordList:
        """Return a list as REST gives it."""
        told = WordListAnswer.of(found).model_dump()
        return cls(**told, words=found.words, exceptions=found.exceptions)


class WordListPage(BaseModel):
    """All lists of a tenant, by name; there are few, so `next` is always null."""

    items: list[WordListAnswer]
    next: None = None
