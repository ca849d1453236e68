"""A stranger who writes to many members, a flooder, an operator who promotes too much."""

from __future__ import annotations

from random import Random
from typing import Final

from shared.events import ContactRequested, MemberJoined
from shared.verdicts import Label
from steward.demo.rhythm import HOUR
from steward.demo.script import Script

_CONTACTED: Final = 22
_FLOOD: Final = 30
_WAVE: Final = 5
_PROMOTIONS: Final = (
    "私教体验课最后三个名额，九块九约一节，想练的找我报名",
    "早起的有福利：月卡八折，今天截止，报名私我",
    "蛋白粉团购开始了，比店里便宜四十，要的扣1",
    "体态评估免费做，做完办卡再减两百",
    "中午下单筋膜枪送小哑铃，库存不多",
    "夏季塑形营招募，六周不瘦退款，现在报名立减",
    "再提醒一遍，月卡八折只到今晚",
    "私教课两人同行一人免单，带朋友来",
    "新到的运动内衣，群友专享价，点我头像看图",
    "办年卡送三个月，老会员介绍新会员各得一节课",
    "塑形营还剩五席，报名从速",
    "下班路过来店里坐坐，办卡现场抽奖",
    "今晚直播间抽免单，记得来点关注",
    "最后两小时，月卡八折，错过等一年",
)


def play(script: Script, random: Random) -> None:
    """From nine: promotions, in the fitness group. 14:05: a flood. 20:15: a stranger's messages."""
    _promote(script, random)
    _flood(script, random)
    _contact(script, random)


def _contact(script: Script, random: Random) -> None:
    scene = script.plant(
        "stranger",
        f"a stranger writes to {_CONTACTED} members within half an hour",
        Label.HARASSMENT,
        Label.CONTACT_LURE,
    )
    community = script.cast.communities["baby"]
    stranger = script.cast.strangers["lonely stranger"]
    script.add(MemberJoined, community, stranger, 20 * HOUR, name=stranger.name)
    at = 20 * HOUR + 15 * 60
    for target in random.sample(community.regulars, _CONTACTED):
        at += random.uniform(40, 110)
        text = random.choice(("你好，看你头像很眼熟", "在吗，认识一下", "姐姐好，可以聊聊吗"))
        script.add(
            ContactRequested, community, stranger, at, scene=scene, target=target.id, text=text
        )


def _flood(script: Script, random: Random) -> None:
    scene = script.plant(
        "flood", f"{_FLOOD} messages in under a minute", Label.FLOOD, Label.DUPLICATE
    )
    community = script.cast.communities["python"]
    flooder = script.cast.strangers["flooder"]
    script.add(MemberJoined, community, flooder, 13.9 * HOUR, name=flooder.name)
    at = 14 * HOUR + 5 * 60
    for _ in range(_FLOOD):
        at += random.uniform(0.8, 2.0)
        text = random.choice(("刷屏刷屏", "顶顶顶顶顶", "来人啊啊啊啊", "666666"))
        script.say(community, flooder, at, text, scene=scene)


def _promote(script: Script, random: Random) -> None:
    scene = script.plant(
        "promoter",
        "an operator promotes again and again, in three waves",
        Label.OVER_PROMOTION,
        Label.ADVERTISING,
    )
    community = script.cast.communities["fitness"]
    for number, text in enumerate(_PROMOTIONS):
        wave, place = divmod(number, _WAVE)
        at = (9, 12.2, 18.5)[wave] * HOUR + (place * 8 + random.uniform(0, 4)) * 60
        script.say(community, community.operators[0], at, text, scene=scene)
