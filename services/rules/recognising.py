"""Recognises campaigns among the sightings of one partition; flags earlier copies back in time."""

from __future__ import annotations

from services.rules.campaigns import Campaigns
from services.rules.documents import document
from services.rules.flagging import put_flag
from services.rules.outcome import acted_flag, campaign_flag
from services.rules.review.desk import spread_of
from services.rules.review.trust import Standing, spared_flag
from services.rules.rule_sets.catalog import RuleSets
from shared.events import Millis
from shared.stream.contracts import Documents, Output, Publish
from shared.topics import Topic
from shared.verdicts import Flag, Sighting


class Recognising:
    """The campaigns of one partition, by what each tenant's rule set calls one."""

    def __init__(self, rule_sets: RuleSets, standing: Standing) -> None:
        self._rule_sets = rule_sets
        self._standing = standing
        self._campaigns = Campaigns()

    def rebuild(self, sighting: Sighting) -> None:
        """Take a sighting in that led to its flags before."""
        self._campaigns.fold(sighting, self._rule_sets.of(sighting.event.tenant).pack.spread)

    def apply(self, sighting: Sighting, now: Millis, documents: Documents) -> list[Output]:
        """Take a sighting in; flag the copies that it makes a campaign of, unless pardoned.

        Those that rules acted on by themselves belong to its incident too.
        """
        tenant, fingerprint = sighting.event.tenant, sighting.fingerprint
        pack = self._rule_sets.of(tenant).pack
        caught = self._campaigns.look(sighting, pack.spread)
        outputs: list[Output] = []
        flags: list[Flag] = []
        acted: list[Flag] = []
        if not any(self._standing.pardons(tenant, each) for each in (fingerprint, caught.name)):
            for copy in caught.copies:
                if not copy.flagged:
                    flag = campaign_flag(copy, caught.name, caught.groups, pack)
                    immune = self._standing.trusts(copy.event)
                    flags.append(spared_flag(flag) if immune else flag)
                    outputs += put_flag(document(flags[-1], now), pack, documents)[1]
                if copy.acted is not None:
                    acted.append(acted_flag(copy, copy.acted))
        if flags or acted:
            outputs.append(Publish(Topic.REVIEWS, spread_of(flags, acted, caught.name)))
        self._campaigns.fold(sighting, pack.spread, caught)
        return outputs
