"""Two members of the cats' group fall out over cat food (掐架), others try to calm them."""

from __future__ import annotations

from random import Random
from typing import Final

from shared.verdicts import Label
from steward.demo.phrases import common
from steward.demo.rhythm import HOUR
from steward.demo.script import Said, Script

_LINES: Final = (
    "自制猫饭不加牛磺酸就是害猫，别误导新人",
    "我喂了五年体检全绿，你养过几只就来教育人？",
    "养得久不代表养得对，无知还这么理直气壮",
    "你懂个屁，天天复制粘贴科普装专家",
    "说不过就骂人，素质真低",
    "跟你这种人讲素质？脑子有病吧你",
    "你才有病，全家都有病",
    "闭嘴吧蠢货，看见你说话就烦",
    "你个傻逼，有本事线下说",
    "来啊，怕你不成，废物一个",
    "滚，猫跟着你真是倒了霉",
    "你赶紧滚，不要脸的东西",
)
_POLITE: Final = 3
"""The first lines are a discussion; what follows is not."""


def play(script: Script, random: Random) -> None:
    """21:10: twelve lines in five minutes, each answering the one before."""
    scene = script.plant(
        "quarrel",
        "two members fall out over cat food (掐架)",
        Label.QUARREL,
        Label.ABUSE,
        Label.HARASSMENT,
    )
    community = script.cast.communities["cats"]
    rivals = community.regulars[2:4]
    at = 21 * HOUR + 10 * 60
    last: Said | None = None
    for number, text in enumerate(_LINES):
        last = script.say(
            community,
            rivals[number % 2],
            at,
            text,
            scene=scene if number >= _POLITE else None,
            to=last,
            mentions=(rivals[1 - number % 2],),
        )
        at += random.uniform(12, 35)
        if number in (5, 8, 11):
            peacemaker = random.choice(community.regulars[5:15])
            script.say(community, peacemaker, at - 5, random.choice(common("zh").peace))
