"""Endpoints: where a tenant wants its actions delivered, and which of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from msgspec import Struct, structs

from services.notify.attempts import Verdict
from services.notify.retry import RetryPolicy
from shared.events import Action, ActionKind, EndpointId, Label, Millis, TenantId

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


class Endpoint(Struct, frozen=True, kw_only=True):
    """A URL of a tenant, and what it asks for; written by REST only.

    `secrets` all sign, the first is the one in force. `kinds` are names of
    action kinds in which `*` stands for any characters; `groups` and `labels`
    narrow them further where they are not empty. `enabled_at` is when it was
    last enabled: what Steward disabled before that counts no longer. `options`
    are what its connector needs to know, `credential` what nobody else may.
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


class EndpointState(Struct, frozen=True, kw_only=True):
    """What deliveries have shown about an endpoint; written by its partition's owner only.

    `failing_since` is the first failure since the last success.
    """

    tenant: TenantId
    failing_since: Millis | None = None
    disabled_at: Millis | None = None
    reason: str = ""

    def after(
        self, verdict: Verdict, reason: str, now: Millis, policy: RetryPolicy
    ) -> EndpointState:
        """Return the state once an attempt came to `verdict`."""
        if verdict is Verdict.SUCCEEDED:
            return self if self.failing_since is None else structs.replace(self, failing_since=None)
        since = now if self.failing_since is None else self.failing_since
        if verdict is Verdict.GONE:
            return structs.replace(self, failing_since=since, disabled_at=now, reason=reason)
        if now - since >= policy.disable_after_seconds * 1000:
            return structs.replace(self, failing_since=since, disabled_at=now, reason="failing")
        return structs.replace(self, failing_since=since)

    def since(self, enabled_at: Millis) -> EndpointState:
        """Return the state as it counts for an endpoint that was enabled at this moment."""
        if self.disabled_at is None or enabled_at <= self.disabled_at:
            return self
        return EndpointState(tenant=self.tenant)


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

    @classmethod
    def of(cls, endpoint: Endpoint) -> Subscription:
        """Make an endpoint's filters ready."""
        return cls(
            endpoint,
            kinds_matching(endpoint.kinds),
            frozenset(endpoint.groups),
            frozenset(endpoint.labels),
        )

    def wants(self, action: Action) -> bool:
        """Whether the action is to be delivered to this endpoint."""
        return (
            self.endpoint.enabled
            and action.kind in self.kinds
            and (not self.groups or action.group in self.groups)
            and (not self.labels or not self.labels.isdisjoint(action.labels))
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
