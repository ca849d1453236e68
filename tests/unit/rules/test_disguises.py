"""Further ways of writing a word that are read through, and what only looks like them."""

from __future__ import annotations

import pytest

from services.rules.links import find_links
from services.rules.signals import read
from services.rules.text import normalise
from tests.unit.rules.judging import verdict


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("f r e e  n u d e s  o n  t e l e g r a m", "free nudes on telegram"),
        ("f.r.e.e n.u.d.e.s", "free nudes"),
        ("s*e*x v*i*d*e*o*s for sale", "sex videos for sale"),
        ("e a r n  $ 5 0 0  a  d a y  d m  m e", "earn  $ 500 a day dm me"),
        ("b u y  v i a g r a", "buy viagra"),
        ("f u c k  y o u  b i t c h", "fuck you bitch"),
        ("F_R_E_E C_A_S_H dm me", "free cash dm me"),
        ("0nline cas1no b0nus, s1gn up n0w", "online casino bonus, sign up now"),
        ("p0rn v1deos for sale dm me", "porn videos for sale dm me"),
        ("V1agra ch3ap pr1ces, 0rder n0w", "viagra cheap prices, order now"),
        ("ytiruces on sdnuf eerf ,won em md", "dm me now, free funds no security"),
        ("yad a 005$ nrae", "earn $500 a day"),
        ("8877cba 信微 费免 料资领", "领资料免费微信abc7788"),
        ("贷款 l38OOl38OOO", "贷款13800138000"),
        ("贷款1З8OO1З8OOO", "贷款13800138000"),
        ("兼丨职丨刷丨单 加丨微丨信 abc7788", "兼职刷单加微信abc7788"),
        ("加1微2信3 abc7788", "加微信abc7788"),
        ("你🐴死了", "你妈死了"),
        ("草你🐴的", "操你妈的"),
        ("yue pao jia weixin abc7788", "yue pao 加微信 abc7788"),
        ("加个威 abc7788", "加微信abc7788"),
        ("嘉VX abc7788", "加微信 abc7788"),
        ("蔻号 77889900", "qq77889900"),
        ("电抱群", "telegram群"),
        ("纸灰机 @abc888", "telegram @abc888"),
    ],
)
def test_a_disguise_is_read_through(written: str, meant: str) -> None:
    assert normalise(written).text == meant


@pytest.mark.parametrize(
    "written",
    [
        *["f r e e  n u d e s  o n  t e l e g r a m", "f.r.e.e n.u.d.e.s", "p0rn v1deos dm me"],
        *["s*e*x v*i*d*e*o*s for sale", "0nline cas1no b0nus, s1gn up n0w", "f u c k  y o u"],
        *["ytiruces on sdnuf eerf ,won em md", "8877cba 信微 费免 料资领", "贷款 l38OOl38OOO"],
        *["加1微2信3 abc7788", "草你🐴的", "嘉VX abc7788 额度", "蔻号 77889900 兼职"],
    ],
)
def test_a_disguise_is_counted_and_acted_on(written: str) -> None:
    found = read(written).signals
    assert sum(int(found.get(name, 0)) for name in ("gaps", "variants", "digits", "mirrored"))
    assert verdict(written).decision in ("warn", "delete")


@pytest.mark.parametrize(
    ("written", "category", "shown"),
    [
        ("hot n u d e s  n o w", "strong_porn", "n u d e s"),
        ("an 0nline cas1no here", "strong_gambling", "0nline cas1no"),
    ],
)
def test_what_was_disguised_is_shown_where_it_stands(
    written: str, category: str, shown: str
) -> None:
    assert shown in {written[s.start : s.end] for s in read(written).spans({category})}


@pytest.mark.parametrize(
    "text",
    [
        *[
            "版本从 1.2.3 升到 1.2.4 了",
            "会议 1 0 : 3 0 开始",
            "commit 5a1e0ff fixes it",
            "id=0nl1ne-77",
        ],
        *[
            "序列号 S4LE-0N1I-7788",
            "color #5a1e5a",
            "if a != b and c < d: return e",
            "x = a * b * c",
        ],
        *[
            "I play h0ckey2k on PS5",
            "MH4U and P5R are great",
            "GTA5 and CS2 tonight?",
            "Q1 vs Q2 revenue",
        ],
        *[
            "plan A or plan B or plan C",
            "U S A  vs  U K tonight",
            "i'm a nurse",
            "the letters a b c d",
        ],
        *[
            "i18n and k8s and l10n",
            "meet at 10:30, room B204",
            "0x5A1E is the address",
            "我也加1",
        ],
        *[
            "racecar reversed is racecar",
            "was it a rat I saw",
            "学费免了，材料资金到位",
            "3D 打印机 O 型圈 20l",
        ],
        *["骑🐴去草原", "加个微波炉", "加个微信群好友都问问价", "买个 l30 的型号"],
    ],
)
def test_what_only_looks_like_a_disguise_is_let_be(text: str) -> None:
    found = read(text).signals
    assert not {"variants", "digits", "mirrored"} & found.keys()
    assert verdict(text).decision == "allow"


@pytest.mark.parametrize(
    "link",
    [
        *[
            "https://mp.weixin.qq.com/s/abcdEFGH1234",
            "http://wx.qq.com",
            "https://a.top/weixin/p0rn",
        ],
        *["see weixin.qq.com/x", "https://t.me/jiawei88"],
    ],
)
def test_links_are_read_as_they_are_written(link: str) -> None:
    assert normalise(link).text == link.lower()


def test_a_link_to_an_article_is_let_be() -> None:
    assert verdict("https://mp.weixin.qq.com/s/abcdEFGH1234").decision == "allow"


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("http://例子.中国/abc", "例子.中国"),
        ("看 https://www.例子.公司", "例子.公司"),
        ("https://abc88.top加微信", "abc88.top"),
        ("http://one.github.io/x", "one.github.io"),
        ("https://www.two.blogspot.com", "two.blogspot.com"),
        ("https://a.three.vercel.app", "three.vercel.app"),
        ("https://four.pages.dev", "four.pages.dev"),
        ("https://five.netlify.app/a", "five.netlify.app"),
        ("http://six.weebly.com", "six.weebly.com"),
        ("http://seven.wixsite.com/a", "seven.wixsite.com"),
        ("https://github.io/x", "github.io"),
    ],
)
def test_a_site_is_known_by_the_domain_that_somebody_registered(text: str, domain: str) -> None:
    assert [link.domain for link in find_links(normalise(text).text)] == [domain]


@pytest.mark.parametrize(
    "text",
    [
        *["suo.im/ab1", "rb.gy/ab1", "s.id/ab1", "shorturl.at/ab1", "amzn.to/ab1", "u.to/ab1"],
        *["https://u.to/ab1", "goo.su/ab1"],
    ],
)
def test_a_shortener_is_one_with_and_without_a_scheme(text: str) -> None:
    assert [link.short for link in find_links(text)] == [True]


@pytest.mark.parametrize("text", ["this is.id of it", "go to u.to", "s.id", "mail x@rb.gy/a"])
def test_a_shortener_without_a_path_is_no_link(text: str) -> None:
    assert find_links(text) == []


@pytest.mark.parametrize(
    ("text", "money"),
    [("日入两千", 1), ("月赚了三万", 1), ("20 bucks", 1), ("今天走了两万步", 0), ("两千人参加", 0)],
)
def test_sums_in_words_are_money(text: str, money: int) -> None:
    assert read(text).signals.get("money", 0) == money
