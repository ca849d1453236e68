"""One lure in seven groups within minutes, different in each; at night one that looks harmless."""

from __future__ import annotations

from random import Random
from typing import Final

from shared.events import MemberJoined, ReportFiled
from shared.verdicts import Label
from steward.demo.evasions import EVASIONS
from steward.demo.rhythm import HOUR
from steward.demo.script import Script

_LURE: Final = "代购清仓，名牌包三折起，正品可验，想要的加微信daigou8866，只剩最后二十个名额"
_HARMLESS: Final = "上周跟着一位老师把旧衣服改成了小包，针脚细得看不出来，步骤都在我昨天的动态里"
"""No list of words knows it; that it is said in four groups at once gives it away."""
_FIRST_GROUPS: Final = ("baby", "fruit", "fitness", "cooking", "cats", "reading", "photo")
_SECOND_GROUPS: Final = ("fruit", "baby", "cooking", "reading")


def play(script: Script, random: Random) -> None:
    """15:20: the first account, seven groups in five minutes. 20:40: a second account, four."""
    scene = script.plant(
        "campaign",
        "an advertiser posts one lure in seven groups, evaded in seven ways",
        Label.ADVERTISING,
        Label.CONTACT_LURE,
        Label.CAMPAIGN,
        Label.DUPLICATE,
    )
    advertiser = script.cast.strangers["advertiser"]
    at = 15 * HOUR + 20 * 60
    for group, evade in zip(_FIRST_GROUPS, EVASIONS.values(), strict=True):
        community = script.cast.communities[group]
        joined = at - random.uniform(600, 2400)
        script.add(MemberJoined, community, advertiser, joined, name=advertiser.name)
        said = script.say(community, advertiser, at, evade(_LURE), scene=scene)
        for offended in random.sample(community.regulars[:30], random.randint(0, 2)):
            script.add(
                ReportFiled,
                community,
                offended,
                at + random.uniform(30, 300),
                message=said.message,
                author=advertiser.id,
                reason="广告",
            )
        at += random.uniform(25, 60)
    _second_wave(script, random)


def _second_wave(script: Script, random: Random) -> None:
    scene = script.plant(
        "campaign-again",
        "at night, a text without a telling word in four groups",
        Label.CAMPAIGN,
        Label.DUPLICATE,
        Label.ADVERTISING,
    )
    advertiser = script.cast.strangers["second advertiser"]
    at = 20 * HOUR + 40 * 60
    for group in _SECOND_GROUPS:
        community = script.cast.communities[group]
        script.add(MemberJoined, community, advertiser, at - 120, name=advertiser.name)
        script.say(community, advertiser, at, _HARMLESS, scene=scene)
        at += random.uniform(20, 50)
