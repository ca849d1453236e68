"""Endpoints: where a tenant wants its actions delivered, and which of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from msgspec import Struct

from services.notify.filters import ActionCondition
from shared.actions import Action, ActionKind
from shared.events import EndpointId, Millis, TenantId
from shared.verdicts import Label

ANY = "*"


class EndpointType(StrEnum):
    """What an endpoint's receiver understands; `services.notify.connectors` speaks it."""

    WEBHOOK = "webhook"
    TELEGRAM = "telegram"
    SLACK = "slack"
    DISCORD = "discord"
    FEISHU = "feishu"
    WECOM = "wecom"
    DINGTALK = "dingtalk"


VERIFIABLE: Final = frozenset({EndpointType.WEBHOOK})
"""Types whose receivers can be asked whether they want deliveries."""


class Ordering(StrEnum):
    """What is delivered in the order it came, each once the one before has come to its end."""

    NONE = "none"
    GROUP = "group"
    STRICT = "strict"


class Scheme(StrEnum):
    """How requests are signed: with a shared secret (HMAC), or a private key (ed25519)."""

    V1 = "v1"
    V1A = "v1a"


class Verification(StrEnum):
    """How an endpoint shows that it wants deliveries, before it gets the first."""

    NONE = "none"
    CHALLENGE = "challenge"
    OPTIONS = "options"


class Endpoint(Struct, frozen=True, kw_only=True):
    """A URL of a tenant, and what it asks for; written by REST only.

    `secrets` all sign, the first is the one in force. `kinds` are names of
    action kinds in which `*` stands for any characters; `groups` and `labels`
    narrow them further where they are not empty, and so does `condition`, in
    CEL. `enabled_at` is when it was last enabled: what Steward disabled before
    that counts no longer. `options` are what its connector needs to know,
    `credential` what nobody else may. Secrets but the first sign until
    `former_until`. `rate` are requests a second (0: any), `allowed_rate` those
    that the receiver granted when it was verified.
    """

    id: EndpointId
    tenant: TenantId
    url: str
    secrets: list[str]
    kinds: list[str]
    groups: list[str]
    labels: list[Label]
    timeout_seconds: float
    description: str
    enabled: bool
    enabled_at: Millis
    created_at: Millis
    type: EndpointType = EndpointType.WEBHOOK
    options: dict[str, str] = {}
    credential: str = ""
    former_until: Millis = Millis(0)
    headers: dict[str, str] = {}
    condition: str = ""
    ordering: Ordering = Ordering.NONE
    thin: bool = False
    signature: Scheme = Scheme.V1
    rate: float = 0
    allowed_rate: float = 0
    verification: Verification = Verification.NONE
    verified_at: Millis | None = None

    @property
    def is_verified(self) -> bool:
        """Whether it has shown that it wants deliveries, where that was asked for."""
        return self.verification is Verification.NONE or self.verified_at is not None

    def signing_secrets(self, now: int) -> list[str]:
        """Return the secrets that sign at this moment (Unix seconds), the one in force first."""
        return self.secrets if now * 1000 < self.former_until else self.secrets[:1]


def kinds_matching(patterns: Iterable[str]) -> frozenset[ActionKind]:
    """Return the action kinds that any of the patterns names; `*` is any characters."""
    expressions = [
        re.compile(".*".join(map(re.escape, pattern.split(ANY)))) for pattern in patterns
    ]
    return frozenset(
        kind for kind in ActionKind if any(each.fullmatch(kind) for each in expressions)
    )


@dataclass(frozen=True, slots=True)
class Subscription:
    """An endpoint with its filters made ready."""

    endpoint: Endpoint
    kinds: frozenset[ActionKind]
    groups: frozenset[str]
    labels: frozenset[Label]
    condition: ActionCondition | None

    @classmethod
    def of(cls, endpoint: Endpoint) -> Subscription:
        """Make an endpoint's filters ready."""
        return cls(
            endpoint,
            kinds_matching(endpoint.kinds),
            frozenset(endpoint.groups),
            frozenset(endpoint.labels),
            ActionCondition(endpoint.condition) if endpoint.condition else None,
        )

    def wants(self, action: Action) -> bool:
        """Whether the action is to be delivered to this endpoint."""
        return (
            action.kind in self.kinds
            and (not self.groups or action.group in self.groups)
            and (not self.labels or not self.labels.isdisjoint(action.labels))
            and (self.condition is None or self.condition.holds(action))
        )


@dataclass(frozen=True)
class Subscriptions:
    """All endpoints, found by id and by what they ask for."""

    by_id: Mapping[EndpointId, Endpoint] = field(default_factory=dict)
    by_tenant: Mapping[TenantId, tuple[Subscription, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, endpoints: Iterable[Endpoint]) -> Subscriptions:
        """Index endpoints."""
        by_id = {endpoint.id: endpoint for endpoint in endpoints}
        by_tenant: dict[TenantId, list[Subscription]] = {}
        for endpoint in by_id.values():
            by_tenant.setdefault(endpoint.tenant, []).append(Subscription.of(endpoint))
        return cls(by_id, {tenant: tuple(each) for tenant, each in by_tenant.items()})

    def wanting(self, action: Action) -> Iterable[Endpoint]:
        """Return the endpoints of the action's tenant that ask for it."""
        subscriptions = self.by_tenant.get(action.tenant, ())
        return [each.endpoint for each in subscriptions if each.wants(action)]
