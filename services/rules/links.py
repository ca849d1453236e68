"""Links that a text carries: their host and the domain that somebody registered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

import tldextract
from msgspec import Struct

from services.rules.data import table


class Link(Struct, frozen=True, gc=False):
    """A link at characters `start` to `end` of the normalised text."""

    domain: str
    start: int
    end: int
    short: bool
    """Whether the domain hides where the link leads."""
    known: bool
    """Whether the domain is one that many people share links of."""


_MAYBE: Final = re.compile(r"https?:|[a-z0-9]\.[a-z]{2}")
_BARE_SUFFIX: Final = (
    "com|cn|net|org|top|xyz|cc|vip|info|biz|io|co|club|shop|site|online|fun|live|tv|app|uk|de|ru|fr|"
    "jp|kr|hk|tw|gd|ink|work|win|bid|pro|pw|tk|ml|ga|cf|icu|store|space|website|tech|life|link|ly|gl|me|"
    "ltd|wang|mobi|asia|su|in|us|nl|eu|cm|one|lol|bet|casino|finance|cash|money|loan|bond|cfd|sbs|click|game"
)
_HAN_SUFFIX: Final = (
    "中国|公司|网络|网址|网站|网店|在线|中文网|商城|商店|集团|移动|手机|娱乐|游戏|信息"
)
_SHORTENERS: Final = "|".join(
    re.escape(domain)
    for domain in table("domains")["short"].split()
    if domain.rpartition(".")[2] not in _BARE_SUFFIX.split("|")
)
_HAN_HOST: Final = (
    rf"(?:[a-z0-9\-\u4e00-\u9fff]{{1,63}}\.){{1,5}}(?:{_HAN_SUFFIX})(?![a-z0-9\u4e00-\u9fff])"
)
_CHINESE_HOST: Final = re.compile(rf"https?://{_HAN_HOST}(?:/[!-~]?)?")
_LINK: Final = re.compile(
    r"https?:/{0,2}(?:[^\s/@]{1,100}@)?"
    rf"({_HAN_HOST}"
    r"|[a-z0-9\-.]+)(?::\d+)?(?:/[^\s\u4e00-\u9fff]*)?"
    rf"|(?<![a-z0-9@.\-])((?:[a-z0-9][a-z0-9\-]*\.)+(?:{_BARE_SUFFIX})|(?:{_SHORTENERS})(?=/))"
    r"(?![a-z0-9\-]|\.[a-z0-9])"
    r"(?:/[^\s\u4e00-\u9fff]*)?"
)
_PATH_NEEDED: Final = frozenset(
    {"me", "ly", "gl", "in", "us", "one", "link", "co", "io", "app", "de"}
)
_split = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, extra_suffixes=table("domains")["sites"].split()
)


def find_links(text: str) -> list[Link]:
    """Return the links in a normalised text.

    A name without `http` counts as a link only under a suffix that people write
    so, which leaves file names and missing blanks after full stops alone.
    """
    if ("." not in text and "http" not in text) or _MAYBE.search(text) is None:
        return []
    return list(_links(text))


def stretches(text: str) -> list[tuple[int, int]]:
    """Return where links stand in a text, whether or not they lead anywhere."""
    return [found.span() for found in _LINK.finditer(text)]


def chinese_hosts(text: str) -> list[tuple[int, int]]:
    """Return where links to hosts under a Chinese suffix stand, up to their path."""
    return [found.span() for found in _CHINESE_HOST.finditer(text)]


def disguised(text: str, links: Iterable[Link]) -> int:
    """Count the links that show another domain than the one that they lead to.

    In Markdown, HTML, and as `<target|shown>`; or before an `@`, where a URL has
    a user's name: `https://bank.com@strange.top`.
    """
    count = 0
    if "](" in text or "href" in text or "|" in text:
        for found in _SHOWN.finditer(text):
            target, shown = ((found[1] or found[3] or found[5]), (found[2] or found[4] or found[6]))
            if found[1] is not None:
                target, shown = shown, target
            count += _differ({link.domain for link in find_links(shown)}, find_links(target))
    for link in links:
        user = _USER.match(text, link.start)
        count += user is not None and _differ({d.domain for d in find_links(user[1])}, [link])
    return count


def _differ(shown: set[str], target: Sequence[Link]) -> bool:
    return bool(shown) and bool(target) and target[0].domain not in shown


_USER: Final = re.compile(r"https?:/{0,2}([^\s/@]{1,100})@")
_SHOWN: Final = re.compile(
    r"\[([^\[\]\n]{3,100})\]\((https?:[^\s()]{3,300})"
    r"|<a\s[^<>]{0,100}?href=[\"']?(https?:[^\s\"'<>]{3,300})[^<>]{0,100}>([^<>]{3,100})</a>"
    r"|<(https?:[^\s|<>]{3,300})\|([^<>]{3,100})>"
)


def _links(text: str) -> Iterator[Link]:
    tables = _domains()
    for found in _LINK.finditer(text):
        host = found.group(1) or found.group(2)
        bare = found.group(1) is None
        if bare and host.rpartition(".")[2] in _PATH_NEEDED and "/" not in found.group():
            continue
        domain = registered_domain(host)
        if domain:
            yield Link(
                domain,
                found.start(),
                found.end(),
                domain in tables["short"],
                domain in tables["known"],
            )


@lru_cache(maxsize=4096)
def registered_domain(host: str) -> str:
    """Return the registered domain of a host (`a.b.co.uk`: `b.co.uk`), or the address itself.

    Where everybody may have a site (`github.io`), each site is a domain of its own.
    """
    parts = _split.extract_str(host, include_psl_private_domains=True)
    if parts.ipv4:
        return parts.ipv4
    if parts.is_private and not parts.domain:
        parts = _split.extract_str(host)
    return parts.top_domain_under_public_suffix


@lru_cache(maxsize=1)
def _domains() -> dict[str, frozenset[str]]:
    return {name: frozenset(listed.split()) for name, listed in table("domains").items()}
