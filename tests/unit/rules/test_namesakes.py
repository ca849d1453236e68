"""People whose names lures are also spelt with may be talked of; the lures stay caught."""

from __future__ import annotations

import pytest

from services.rules.signals import read
from shared.events import MemberJoined
from tests.unit.rules.judging import World, event, flags, verdict

ORDINARY = [
    "嘉薇今天请假了",
    "佳微姐生日快乐",
    "陈佳维同学到办公室来一下",
    "嘉蔚老师讲得真好",
    "我妹妹叫佳薇，今年上大学",
    "加维你明天来吗",
    "嘉薇，你的快递到了",
    "谁有佳薇的电话",
    "请把文件发给嘉薇",
    "佳维和我一个宿舍",
    "王嘉维昨天跑了五公里",
    "跟佳薇聊得很开心",
    "这道题是嘉薇讲给我的",
    "佳薇说她晚点到",
    "恭喜陈佳薇同学获得一等奖",
    "伽薇姐做的饭真好吃",
    "昨天和嘉薇一起看的电影",
    "薇欣老师下周上课吗",
    "张蔚欣同学的作业没交",
    "威鑫哥到家了吗",
    "薇馨今天状态不错",
    "魏信将军是哪个朝代的",
    "李微欣的座位在哪",
    "佳维总下午三点开会",
    "嘉蔚，会议室换到三楼了",
    "佳薇家的猫好可爱",
    "嘉薇把报告改完了",
    "给佳薇点个赞",
    "红包谢谢佳薇",
    "佳薇说那个刷单日结是骗人的",
    "Thanks Jiawei, great job today",
    "I had lunch with Wei Xin yesterday",
    "Jia Wei is my cousin from Wuxi",
    "Du Bo scored twice last night",
    "Jiawei: can you review my PR?",
    "Jiawei will present the results on Friday",
    "ask Wei Xin about the schedule",
    "Weixin and I are on the same team",
    "Happy birthday Jia Wei!",
    "Du Bo plays midfield",
    "Fanli wrote the first draft",
    "Yongjin moved to Seoul in 2019",
    "Zu Chongzhi computed pi to seven digits",
    "is Jianzhi coming to the meeting?",
    "Lianxi, could you send me the slides?",
    "Jiawei PR1234 looks good to me",
    "Good morning Jiawei, how was your trip?",
    "Bocai is our new designer",
    "can you add Jiawei to the channel?",
    "有问题咨询佳薇",
    "佳薇看视频呢",
    "嘉薇家开网站的，有优惠",
    "嘉薇，视频资料发群里",
    "公司的红包都是佳薇管",
    "佳薇做兼职很辛苦",
    "Jiawei got a free video from QQ",
    "my friend Wei Xin, 25 years old",
]

LURES = [
    "加嘉薇 abc7788",
    "嘉薇 abc7788 看片",
    "佳薇：abcd8899 领红包",
    "兼职日结 佳微 money886",
    "刷单日赚五百 嘉薇 job5566",
    "低息贷款 嘉蔚 loan7788",
    "需要的嘉薇 vip8888 详聊",
    "免费资料嘉薇领",
    "看片嘉薇私聊",
    "福利视频资源 佳薇",
    "有意者佳薇 abcd8899",
    "同城约炮佳维 night520",
    "蔚欣 abcd8899 领福利",
    "薇馨：wx_9988 高薪兼职",
    "荐股稳赚 威鑫 stock668",
    "博彩平台注册送彩金 佳薇 77889900",
    "代开发票 嘉微 tax8866",
    "jia wei xin abc7788 liao",
    "jiawei abc7788 free nudes",
    "dai kuan jia wei abc7788",
    "yue pao jiawei night520",
    "wei xin: abc7788 free casino",
    "my weixin is abc7788, free money",
    "贷款加weixin abc7788",
    "嘉 薇 abc7788 领红包",
    "佳.薇 abcd8899 日结兼职",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_a_name_alone_is_no_lure(text: str) -> None:
    assert verdict(text).decision in ("allow", "watch")
    assert "variants" not in read(text).signals


@pytest.mark.parametrize("text", LURES)
def test_a_lure_spelt_with_a_name_is_caught(text: str) -> None:
    assert verdict(text).removes


@pytest.mark.parametrize("name", ["佳薇", "陈佳维", "嘉薇", "Jiawei", "Jia Wei"])
def test_who_has_such_a_name_joins_unnoticed(name: str) -> None:
    assert not flags(World().see(event(MemberJoined, name=name)))


def test_there_are_enough_of_both() -> None:
    assert len(ORDINARY) >= 40
    assert len(LURES) >= 20
