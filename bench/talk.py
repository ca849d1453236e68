"""Everyday sentences and lures, for load that must be judged as it would be in life."""

from __future__ import annotations

from random import Random

from shared.events import derive_id

_TALK = (
    ("今天", "早上", "昨晚", "刚才", "周末", "下午", "上个月", "最近", "一会儿", "明天"),
    ("我们", "孩子们", "楼下", "同事", "家里的猫", "老师", "邻居", "大家", "门口的树", "他"),
    ("去爬山了", "在开会", "看了场电影", "做了顿饭", "种了些花", "修好了灯", "下了一天雨"),
)
_GOODS = ("名牌包", "运动鞋", "手表", "护肤品", "奶粉", "球鞋", "羽绒服", "香水", "茶叶", "白酒")
_CITIES = ("广州", "莆田", "义乌", "深圳", "杭州", "泉州", "东莞", "成都", "武汉", "长沙")


def talk(random: Random) -> str:
    """Return a sentence that nobody minds."""
    return "".join(random.choice(part) for part in _TALK)


def lure(random: Random, name: str) -> str:
    """Return an advertisement that must go; no two share a contact."""
    contact = derive_id("lure", name).replace("-", "")[:9]
    goods, city = random.choice(_GOODS), random.choice(_CITIES)
    return f"{city}厂家{goods}清仓三折起,要的加微信 v{contact}"
