"""English spam: two accounts that praise each other's trading signals, and a false moderator."""

from __future__ import annotations

from random import Random
from typing import Final

from shared.events import MemberJoined
from shared.verdicts import Label
from steward.demo.rhythm import HOUR
from steward.demo.script import Script

_LINES: Final = (
    (0, 17.00, "🚀 Free crypto signals, 100x gains guaranteed! Join t.me/moon_profit_example now"),
    (1, 17.02, "I made $12,000 in one week with @CryptoKing_Leo, DM him on WhatsApp +1 555 0100"),
    (0, 17.05, "Limited airdrop: connect your wallet at free-airdrop.example and claim 500 USDT"),
    (0, 17.50, "Last chance!! double your bitcoin in 24h, dm me 'MOON' to start investing"),
    (
        1,
        18.10,
        "Your account will be suspended, verify your login at indie-lounge-login.example",
    ),
)
_PARTS: Final = ("crypto", "crypto friend")


def play(script: Script, random: Random) -> None:
    """17:00: five messages in an hour in the games' group."""
    scene = script.plant(
        "crypto",
        "crypto spam and phishing in the English games group",
        Label.FRAUD,
        Label.PHISHING,
        Label.ADVERTISING,
        Label.CONTACT_LURE,
        Label.LINK_DROP,
    )
    community = script.cast.communities["indie"]
    people = [script.cast.strangers[part] for part in _PARTS]
    for person in people:
        at = 16.9 * HOUR - random.uniform(10, 300)
        script.add(MemberJoined, community, person, at, name=person.name)
    for who, hour, text in _LINES:
        script.say(community, people[who], hour * HOUR, text, scene=scene)
