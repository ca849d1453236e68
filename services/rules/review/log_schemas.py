"""What the REST routes of trust, precision and the audit log take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from services.rules.review.audit import Entry, Head, Verification
from services.rules.review.precision import Tally
from services.rules.review.schemas import Moderator, Note, moment
from services.rules.review.trust import Trusted


class TrustBody(BaseModel):
    """Why a member is trusted, and who says so."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"note": "our own shop"}]}
    )

    moderator: Moderator = ""
    note: Note = ""


class TrustedAnswer(BaseModel):
    """A member whom the tenant trusts: verdicts on them are only watched."""

    member: str
    group: Annotated[str | None, Field(description="Null: in all groups.")]
    since: datetime
    by: str
    note: str

    @classmethod
    def of(cls, trusted: Trusted) -> TrustedAnswer:
        """Return a trust as REST gives it."""
        return cls(
            member=trusted.member,
            group=trusted.group,
            since=moment(trusted.since),
            by=trusted.by,
            note=trusted.note,
        )


class TrustedPage(BaseModel):
    """Some trusted members, and the cursor of the next ones."""

    items: list[TrustedAnswer]
    next: str | None


class Change(BaseModel):
    """A change that was accepted: it is in force within a few seconds."""

    review: Annotated[str, Field(description="The id of the change.")]


class TallyAnswer(BaseModel):
    """Decided cases of one rule or reporter."""

    name: str
    confirmed: int
    overturned: int
    precision: Annotated[float | None, Field(description="Share that was confirmed.")]
    at_least: Annotated[float | None, Field(description="Its lower bound, with 95 % confidence.")]

    @classmethod
    def of(cls, tally: Tally) -> TallyAnswer:
        """Return a tally as REST gives it."""
        return cls(
            name=tally.name,
            confirmed=tally.confirmed,
            overturned=tally.overturned,
            precision=tally.precision,
            at_least=tally.at_least,
        )


class PrecisionAnswer(BaseModel):
    """How often people agreed with rules, and with those who report."""

    rules: list[TallyAnswer]
    reporters: list[TallyAnswer]


class EntryAnswer(BaseModel):
    """An entry of the audit log."""

    chain: int
    seq: int
    time: datetime
    what: str
    subject: str
    by: str
    key: str
    detail: dict[str, str]
    before: Annotated[str, Field(description="The hash of the entry before in the chain.")]
    hash: str

    @classmethod
    def of(cls, entry: Entry) -> EntryAnswer:
        """Return an entry as REST gives it."""
        plain = ("chain", "seq", "what", "subject", "detail", "before", "hash")
        return cls(
            time=moment(entry.time),
            by=entry.by.name or entry.by.key,
            key=entry.by.key,
            **{name: getattr(entry, name) for name in plain},
        )


class EntryPage(BaseModel):
    """Some entries, latest first, and the cursor of the next ones."""

    items: list[EntryAnswer]
    next: str | None


class HeadAnswer(BaseModel):
    """Where a chain ends. Note it elsewhere: then nothing before it can be changed unnoticed."""

    chain: int
    seq: int
    hash: str


class FaultAnswer(BaseModel):
    """Where a chain does not hold."""

    chain: int
    seq: int
    what: str


class VerificationAnswer(BaseModel):
    """Whether the audit log is whole."""

    holds: bool
    entries: int
    faults: Annotated[list[FaultAnswer], Field(description="The first hundred.")]
    heads: list[HeadAnswer]

    @classmethod
    def of(cls, heads: dict[int, Head], found: Verification) -> VerificationAnswer:
        """Return a verification as REST gives it."""
        return cls(
            holds=not found.faults,
            entries=found.read,
            faults=[FaultAnswer(chain=f.chain, seq=f.seq, what=f.what) for f in found.faults],
            heads=[
                HeadAnswer(chain=chain, seq=head.seq, hash=head.hash)
                for chain, head in sorted(heads.items())
            ],
        )


class BundleAnswer(BaseModel):
    """Evidence for an authority: items that each carry the hash of the one before."""

    items: list[dict[str, Any]]
    hash: Annotated[str, Field(description="The hash of the last item: it seals the bundle.")]
