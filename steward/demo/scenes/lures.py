"""Lures: red packets, gambling, easy money, and a seller too polite to catch."""

from __future__ import annotations

from random import Random
from typing import Final

from shared.events import Media, MemberJoined
from shared.verdicts import Label
from steward.demo.evasions import EVASIONS
from steward.demo.rhythm import HOUR
from steward.demo.script import Script

_RED_PACKETS: Final = (
    ("fruit", 12.4, "双节福利！扫码领红包，最高888元，先到先得 hb-lingqu.example/r?u=31"),
    ("cooking", 12.5, "【红包】还有三个没人领，点链接领现金红包 hb-lingqu.example/r?u=77 秒到账"),
    ("baby", 12.6, "免费领红包啦，转发到三个群就能提现，领取戳 hb-lingqu.example/r?u=90"),
)
_GAMBLING: Final = (
    ("fitness", 22.1, "百家乐 真人荷官，首充送888，稳赚不赔，进来看 www.bc365vip.example"),
    ("cats", 22.25, "北京赛车、时时彩，老师带单回血，日赚三千，平台 bc365vip.example"),
    ("python", 22.3, EVASIONS["dots between characters"]("时时彩带单计划群，包赢，上岸找我")),
)
_EASY_MONEY: Final = (
    ("python", 10.2, "招聘兼职：手机就能做，刷单返佣，日结300-800，无押金，加V信 jz5566q"),
    ("baby", 10.35, "宝妈在家可做的兼职，打字员日结，一单一结，名额有限，➕薇 jz5566q"),
)


def play(script: Script, random: Random) -> None:
    """Noon: red packets. Ten in the evening: gambling. Morning: part-time jobs that are none."""
    packets = script.plant(
        "red-packets",
        "a red-packet lure at noon in three groups",
        Label.RED_PACKET_LURE,
        Label.FRAUD,
        Label.PHISHING,
    )
    gambling = script.plant("gambling", "gambling ads late in the evening", Label.GAMBLING)
    money = script.plant(
        "easy-money",
        "part-time jobs that are a fraud",
        Label.FRAUD,
        Label.CONTACT_LURE,
        Label.ADVERTISING,
    )
    for part, scene, lures in (
        ("red packets", packets, _RED_PACKETS),
        ("gambler", gambling, _GAMBLING),
        ("part-time fraud", money, _EASY_MONEY),
    ):
        person = script.cast.strangers[part]
        for group, hour, text in lures:
            community = script.cast.communities[group]
            joined = hour * HOUR - random.uniform(200, 900)
            script.add(MemberJoined, community, person, joined, name=person.name)
            script.say(community, person, hour * HOUR, text, scene=scene)
    _quiet_seller(script)
    _innocent(script)


def _quiet_seller(script: Script) -> None:
    """Advertising without a word that gives it away: hard, and shown honestly when missed."""
    scene = script.plant(
        "quiet-seller",
        "a seller who chats politely and advertises between the lines",
        Label.ADVERTISING,
        Label.CONTACT_LURE,
        Label.OVER_PROMOTION,
    )
    person = script.cast.strangers["quiet seller"]
    community = script.cast.communities["reading"]
    script.add(MemberJoined, community, person, 13.2 * HOUR, name=person.name)
    script.say(community, person, 13.3 * HOUR, "大家的书签都用什么材质呀")
    script.say(community, person, 13.4 * HOUR, "皮的我自己会做，送了好多朋友")
    text = "想看花样的可以翻我头像后面的小铺子，老客都说手感好"
    script.say(community, person, 13.6 * HOUR, text, scene=scene)


def _innocent(script: Script) -> None:
    """People who mention what spam mentions, and mean no harm."""
    for group, hour, text, why in (
        ("fruit", 19.1, "团长生日快乐🎂 发个小红包大家沾沾喜气", "a birthday red packet"),
        ("reading", 18.2, "《赌徒》这本写赌博心理写得太真实了", "a novel about gambling"),
        ("python", 15.7, "我想写个脚本统计自己的微信读书时长，可行吗", "names WeChat Read"),
        ("baby", 16.3, "兼职带娃也是全职啊，日结都是宝宝的笑", "a joke about jobs"),
        ("cats", 11.4, "加我一个，猫砂拼单两包", "asks to be counted in"),
        ("photo", 17.5, "代购的那台相机到了，被税了一千多，大家引以为戒", "a tale of a purchase"),
        (
            "indie",
            14.2,
            "free key for my own game if you want to test it",
            "a free key",
        ),
    ):
        community = script.cast.communities[group]
        person = community.regulars[5]
        media = Media.RED_PACKET if "红包" in text else Media.TEXT
        script.say(community, person, hour * HOUR, text, lookalike=why, media=media)
