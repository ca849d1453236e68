"""A tenant's rule sets: versions that never change, and which of them is in force."""

from __future__ import annotations

import zlib
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct

from services.rules.pack import Pack, restore
from services.rules.pack_source import PackSource
from shared.events import TenantId

MOST_CHANGES: Final = 50
"""Changes of what is in force that are remembered."""


class Published(Struct, frozen=True, kw_only=True):
    """One version. `whole` is all that it means, with what it inherited when it was published."""

    tenant: TenantId
    version: str
    text: str
    whole: bytes
    note: str = ""
    created_at: datetime
    created_by: str

    @property
    def source(self) -> PackSource:
        """All that it means, as if it had been written in full."""
        return msgspec.json.decode(zlib.decompress(self.whole), type=PackSource)

    def pack(self) -> Pack:
        """Return it ready to be made a rule set. Raises `PackError`: see `restore`."""
        return restore(self.source, self.text, self.version)


class Mode(StrEnum):
    """How far a candidate goes."""

    SHADOW = "shadow"
    """It judges everything, and nothing comes of it but a comparison."""

    CANARY = "canary"
    """It is in force in a share of the groups, and in shadow in the others."""


class Trial(Struct, frozen=True, kw_only=True):
    """A version on trial, its candidate.

    `share` is how many percent of the groups a canary is in force in. It is
    rolled back when, of at least `least_actions` actions, more than
    `most_disputed` percent were disputed.
    """

    version: str
    mode: Mode
    share: int = 10
    most_disputed: float = 5.0
    least_actions: int = 50
    since: datetime
    by: str


class Change(Struct, frozen=True, kw_only=True):
    """A change of what is in force or on trial; `version` is None for the shipped one.

    `rule` is the one that it is about, if it is about one alone.
    """

    version: str | None
    at: datetime
    by: str
    why: str
    rule: str = ""


class Deployment(Struct, frozen=True, kw_only=True):
    """What of a tenant's rule sets is in force; the shipped one where `active` is None."""

    tenant: TenantId
    active: str | None = None
    trial: Trial | None = None
    changes: list[Change] = []
    withdrawn: list[str] = []
    """Canaries among the rules of `active` that were disputed: they are in shadow everywhere."""

    @property
    def since(self) -> datetime | None:
        """When what is active was put in force."""
        put = [each for each in self.changes if each.why not in _ASIDE]
        return put[-1].at if put else None


def published(
    pack: Pack, tenant: TenantId, note: str, created_at: datetime, created_by: str
) -> Published:
    """Return a checked pack as it is kept."""
    return Published(
        tenant=tenant,
        version=pack.version,
        text=pack.text,
        whole=zlib.compress(msgspec.json.encode(pack.source)),
        note=note,
        created_at=created_at,
        created_by=created_by,
    )


def activated(deployment: Deployment, change: Change) -> Deployment:
    """Return the deployment with another version in force; a trial of that version ends."""
    changes = _with(deployment, change)
    trial = deployment.trial
    if trial is not None and trial.version == change.version:
        trial = None
    return msgspec.structs.replace(
        deployment, active=change.version, trial=trial, changes=changes, withdrawn=[]
    )


def _with(deployment: Deployment, change: Change) -> list[Change]:
    """Return the changes with one more; of too many those go first that put nothing in force."""
    changes = [*deployment.changes, change]
    if len(changes) > MOST_CHANGES:
        aside = (n for n, each in enumerate(changes[:-1]) if each.why in _ASIDE)
        del changes[next(aside, 0)]
    return changes


def rule_withdrawn(deployment: Deployment, rule: str, at: datetime, by: str) -> Deployment:
    """Return the deployment with a canary among the active rules in shadow everywhere."""
    if rule in deployment.withdrawn:
        return deployment
    change = Change(version=deployment.active, at=at, by=by, why=RULE_DISPUTED, rule=rule)
    return msgspec.structs.replace(
        deployment,
        withdrawn=[*deployment.withdrawn, rule],
        changes=_with(deployment, change),
    )


def put_on_trial(deployment: Deployment, trial: Trial) -> Deployment:
    """Return the deployment with a candidate; there is one at a time."""
    change = Change(version=trial.version, at=trial.since, by=trial.by, why=trial.mode.value)
    changes = _with(deployment, change)
    return msgspec.structs.replace(deployment, trial=trial, changes=changes)


def trial_ended(deployment: Deployment, at: datetime, by: str, why: str) -> Deployment:
    """Return the deployment without its candidate."""
    if deployment.trial is None:
        return deployment
    change = Change(version=deployment.trial.version, at=at, by=by, why=why)
    changes = _with(deployment, change)
    return msgspec.structs.replace(deployment, trial=None, changes=changes)


def before(deployment: Deployment) -> str | None:
    """Return the version that was in force before the one that is: what a rollback leads to."""
    put = (change.version for change in deployment.changes if change.why not in _ASIDE)
    versions = [None, *put]
    while versions and versions[-1] == deployment.active:
        versions.pop()
    return versions[-1] if versions else None


ENDED: Final = "trial ended"
DISPUTED: Final = "trial rolled back: disputed"
RULE_DISPUTED: Final = "rule withdrawn: disputed"
_ASIDE: Final = frozenset({*Mode, ENDED, DISPUTED, RULE_DISPUTED})
"""Why a change is told that leaves in force what was."""
