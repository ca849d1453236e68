"""Recognises campaigns among the sightings of one partition; flags earlier copies back in time."""

from __future__ import annotations

from services.rules.campaigns import Campaigns
from services.rules.documents import document
from services.rules.flagging import put_flag
from services.rules.outcome import acted_flag, campaign_flag
from services.rules.review.case import RULES
from services.rules.review.copies import Found, spreads_of
from services.rules.review.trust import Standing, spared_flag
from services.rules.rule_sets.catalog import RuleSets
from shared.events import Millis
from shared.stream.contracts import Documents, Output, Publish
from shared.topics import Topic
from shared.verdicts import Sighting


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
        found: list[Found] = []
        if not any(self._standing.pardons(tenant, each) for each in (fingerprint, caught.name)):
            for copy in caught.copies:
                flag = None
                if not copy.flagged:
                    flag = campaign_flag(copy, caught, pack)
                    flag = spared_flag(flag) if self._standing.trusts(copy.event) else flag
                    outputs += put_flag(document(flag, now), pack, documents)[1]
                acted = None if copy.acted is None else acted_flag(copy, copy.acted)
                if flag is not None or acted is not None:
                    found.append(Found(flag, acted))
        spreads = spreads_of(found, caught.name, RULES)
        outputs += [Publish(Topic.REVIEWS, one) for one in spreads]
        self._campaigns.fold(sighting, pack.spread, caught)
        return outputs
