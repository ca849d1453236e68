"""A text with several contacts or links enters the windows of each; the greatest value counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from services.rules.backtests.replay import Backtest
from services.rules.observation import observe
from services.rules.pack import load
from services.rules.rules import RuleSet
from services.rules.windows import Facet
from services.rules.written import MOST_VALUES
from shared.events import BaseEvent, Millis
from shared.verdicts import Flag
from tests.unit.rules.judging import PACK, START, message
from tests.unit.rules.replicas import Replicas

WINDOWS: Final = """\
windows:
  - {name: contact, span: 1h, of: [message], by: [contact]}
  - {name: rate, span: 1h, of: [message], by: [domain], per: hour}
  - {name: writers, span: 1h, of: [message], by: [contact], unique: member}
  - {name: domains, span: 1h, of: [message], by: [member], unique: domain}
  - {name: share, span: 1h, of: [message], by: [contact], share: text.links > 0}
  - {name: both, span: 1h, of: [message], by: [contact, domain]}
  - {name: day, span: 24h, of: [message], by: [contact]}
  - {name: day_domains, span: 24h, of: [message], by: [member], unique: domain}
  - {name: groups, span: 1h, of: [message], by: [tenant, contact], unique: group}
  - {name: tenant_domains, span: 1h, of: [message], by: [tenant, member], unique: domain}
"""
NAMES: Final = (
    "contact", "rate", "writers", "domains", "share", "both", "day", "day_domains", "groups",
    "tenant_domains",
)  # fmt: skip
OWN: Final = f"""\
name: own
extends: default
disable: [requests_over_groups, reach_over_groups, reach_over_many_groups]
{WINDOWS}rules:
  - name: telling
    label: advertising
    weight: 0.9
    when: {" && ".join(f"window.{name} >= 0" for name in NAMES)}
    because: tells what is counted
"""
RULES: Final = "".join(
    f"  - {{name: {name}_{n}, label: advertising, weight: 0.001, when: window.{name} >= {n},"
    f" because: so many}}\n"
    for name in NAMES
    for n in (2, 3, 4)
)
COUNTING: Final = load(OWN + RULES, "own.yaml")


class Post(Struct, frozen=True):
    """A message by the numbers of what it names."""

    contacts: tuple[int, ...]
    domains: tuple[int, ...]
    member: int
    group: int

    @property
    def text(self) -> str:
        contacts = " ".join(f"微信:abcd000{n}" for n in self.contacts)
        domains = " ".join(f"http://shop{n}.top/a" for n in self.domains)
        return f"各位早上好啊 {contacts} {domains}"


POSTS: Final = st.builds(
    Post,
    st.lists(st.integers(1, 5), max_size=3).map(tuple),
    st.lists(st.integers(1, 5), max_size=3).map(tuple),
    st.integers(1, 2),
    st.integers(0, 3),
)


def events_of(posts: Sequence[Post]) -> list[BaseEvent]:
    return [
        message(post.text, n, member=f"m{post.member}", group=f"g{post.group}")
        for n, post in enumerate(posts)
    ]


def values(flag: Flag) -> dict[str, Any]:
    (hit,) = [hit for hit in flag.hits if hit.rule == "telling"]
    return {name: hit.values.get(f"window.{name}", 0) for name in NAMES}


def expected(posts: Sequence[Post]) -> dict[str, int]:
    """Return what each window says of the last of some posts within a minute or so."""
    last = posts[-1]
    here = [post for post in posts if post.group == last.group]

    def greatest(told: Callable[[int], int], of: Sequence[int]) -> int:
        return max(map(told, of), default=0)

    def share(contact: int) -> int:
        found = [bool(post.domains) for post in here if contact in post.contacts]
        return 100 * sum(found) // len(found)

    own = {domain for post in here if post.member == last.member for domain in post.domains}
    everywhere = {d for post in posts if post.member == last.member for d in post.domains}
    counted = greatest(lambda c: sum(c in post.contacts for post in here), last.contacts)
    return {
        "contact": counted,
        "rate": greatest(lambda d: sum(d in p.domains for p in here), last.domains),
        "writers": greatest(
            lambda c: len({p.member for p in here if c in p.contacts}), last.contacts
        ),
        "domains": len(own) if last.domains else 0,
        "share": greatest(share, last.contacts),
        "both": max(
            (
                sum(c in p.contacts and d in p.domains for p in here)
                for c in last.contacts
                for d in last.domains
            ),
            default=0,
        ),
        "day": counted,
        "day_domains": len(own) if last.domains else 0,
        "groups": greatest(
            lambda c: len({p.group for p in posts if c in p.contacts}), last.contacts
        ),
        "tenant_domains": len(everywhere) if last.domains else 0,
    }


@settings(max_examples=40, deadline=None)
@given(st.lists(POSTS, min_size=1, max_size=12))
def test_every_window_says_the_greatest_of_what_a_text_names(posts: list[Post]) -> None:
    replicas, found = Replicas(COUNTING), []
    for event in events_of(posts):
        found += replicas.see(event)
        replicas.deliver()
    assert [values(flag) for flag in found] == [expected(posts[: n + 1]) for n in range(len(posts))]


@settings(max_examples=10, deadline=None)
@given(st.lists(POSTS, min_size=1, max_size=12), st.integers(0, 12))
def test_a_replay_and_a_backtest_say_the_same(posts: list[Post], cut: int) -> None:
    replicas, found = Replicas(COUNTING), []
    events = events_of(posts)
    for number, event in enumerate(events):
        if number == cut:
            for each in range(len(replicas.stages)):
                replicas.restart(each)
        found += replicas.see(event)
        replicas.deliver()
    assert [values(flag) for flag in found] == [expected(posts[: n + 1]) for n in range(len(posts))]
    backtest = Backtest(PACK, COUNTING, Millis(START))
    for event in events:
        backtest.see(event)
    fired = Counter(hit.rule for flag in found for hit in flag.hits)
    report = backtest.report()
    assert fired == {name: n.candidate for name, n in report.rules.items() if n.candidate}


def test_a_second_contact_is_found_again_where_it_comes_first() -> None:
    replicas = Replicas(COUNTING)
    for number in range(4):
        replicas.see(message(f"早上好 微信:wxid900{number} 微信:abcd0009", number, group="g0"))
    (flag,) = replicas.see(message("早上好 微信:abcd0009", 9, group="g0", member="m2"))
    assert values(flag)["contact"] == 5
    assert values(flag)["writers"] == 2


@pytest.mark.parametrize("facet", [Facet.CONTACT, Facet.DOMAIN])
def test_no_more_than_the_first_four_count(facet: Facet) -> None:
    many = Post((1, 1, 2, 3, 4, 5, 6), (7, 8, 8, 9, 1, 2, 3), 1, 0)
    (event,) = events_of([many])
    seen = observe(event)
    first = {
        Facet.CONTACT: [f"abcd000{n}" for n in (1, 2, 3, 4)],
        Facet.DOMAIN: [f"shop{n}.top" for n in (7, 8, 9, 1)],
    }
    assert seen.several[facet] == first[facet]
    assert len(seen.several[facet]) == MOST_VALUES
    assert seen.facets[facet] == first[facet][0]
    entries = RuleSet(COUNTING).window_entries(seen)
    parts = [entry for entry in (*entries.short, *entries.durable) if entry.window.name == "both"]
    assert len(parts) == len({entry.key for entry in parts}) == MOST_VALUES**2


def test_a_candidate_with_the_same_windows_counts_nothing_twice() -> None:
    (event,) = events_of([Post((1, 2), (1, 2, 3), 1, 0)])
    acting = RuleSet(COUNTING).window_entries(observe(event))
    assert acting.union(acting) == acting
    assert acting.several
    assert acting.in_memory().short == acting.short
    assert acting.in_memory().several
