"""Who belongs together by what they talk about: groups for a member, members for a group."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log

from services.scoring.profiles.documents import GroupInterests, MemberInterests
from services.scoring.profiles.interests import Interests, Likeness, likeness, merged


def matching_groups(
    own: Interests, groups: Sequence[GroupInterests], joined: frozenset[str], most: int
) -> list[tuple[str, Likeness]]:
    """Return the groups that a member is not in and that talk about the same, most alike first."""
    rarity = rarities([own, *(group.interests for group in groups)])
    scored = [
        (group.group, likeness(own, group.interests, rarity))
        for group in groups
        if group.group not in joined
    ]
    return _best(scored, most)


def matching_members(
    group: GroupInterests, found: Iterable[MemberInterests], most: int
) -> list[tuple[str, Likeness]]:
    """Return the members of other groups who talk about what the group does, most alike first."""
    parts: Mapping[str, list[MemberInterests]] = defaultdict(list)
    for each in found:
        parts[each.member].append(each)
    outside = {
        member: merged(each.interests for each in memberships)
        for member, memberships in parts.items()
        if all(each.group != group.group for each in memberships)
    }
    rarity = rarities([group.interests, *outside.values()])
    scored = [(member, likeness(group.interests, own, rarity)) for member, own in outside.items()]
    return _best(scored, most)


def rarities(all_interests: Sequence[Interests]) -> dict[str, float]:
    """Return how telling each word is: log(1 + n / how many of the n talk about it).

    (Inverse document frequency, Spärck Jones 1972, kept positive.)
    """
    having = Counter(word for each in all_interests for word in each.top)
    return {word: log(1 + len(all_interests) / count) for word, count in having.items()}


def _best(scored: Iterable[tuple[str, Likeness]], most: int) -> list[tuple[str, Likeness]]:
    alike = [(name, like) for name, like in scored if like.score > 0]
    return sorted(alike, key=lambda each: (-each[1].score, each[0]))[:most]
