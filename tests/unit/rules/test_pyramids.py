"""Pyramid schemes (传销) are found, however softly they speak; talk about them is let be."""

from __future__ import annotations

import pytest

from services.rules.verdict import Verdict
from tests.unit.rules.judging import verdict

OFFERS = """\
发展下线三个人，每人入会费返你一半，下线再发展还能拿
拉人头就有钱，拉一个奖励三百，拉十个升经理
交2980入会费，推荐一人返800，推荐三人直接回本
直推奖20%，间推奖10%，见点奖另算，团队越大拿得越多
静态收益每天1%，动态收益看团队，报单就能开始
级差制团队计酬，总监拿12个点，一单都不用自己做
排线已经开始了，早进早滑落，后面的人都排在你下面
三三复制，三个月带出一支团队，轻松月入五万
广西北海阳光工程，国家暗中支持的资本运作，投69800拿1040万
纯资本运作，五级三阶制，出局拿1040万，机会不等人
自愿连锁经营业，两年上平台，一次投入终身受益
拼团返利模式，拼不中也有红包，邀请好友还拿团队奖
消费全返，花多少返多少，推荐会员再拿两代收益
我们这不是传销，是国家扶持的新零售，听懂的都跟上了
微商总代招代理，缴3980拿货，发展代理拿返点
对碰奖每天封顶五千，左右两区平衡就发钱
公排滑落，先占位后发展，上面的人会帮你排
想躺着赚的来，只要介绍三个朋友进来，以后他们拉的人你都有提成
我这个平台就是拉人进来，人越多你每天分得越多，一层一层往下都算你的
交个会员费就行，介绍一个人进来给你返五百，下面的人再介绍也有你的份
团队裂变，无限代收益，伞下业绩全部算你的
加入我们的团队，购买一套产品成为会员，再推荐两个人就能拿管道收入
姐妹们跟我一起做，门槛就一套货的钱，带三个代理进来货款就回来了
共享财富新模式，报单1万，每天静态分红100，推荐拿10%
会员制电商，升级合伙人享受下级永久提成，名额不多
先交399激活账号，推荐一个拿200，下级推荐你再拿100
原始会员马上封盘，直推十人送股权，团队业绩另有分红
不用卖货，只要找人加入，每加入一个你拿八百
复制倍增，一传三三传九，三个月实现财务自由
Each person you refer pays you $50, and their referrals pay you too
Build your downline and earn residual income every month
I made $4,000 from my downline last month without selling a thing
Just recruit 3 people and they recruit 3, that's all it takes to cover your buy-in
Join my team, be your own boss, all you need is the $199 starter kit
Binary plan pays on both legs, spillover from your upline included
Forced matrix 3x9, get in now while we are at the top of the pyramid
This is not a pyramid scheme, it's a real business opportunity with unlimited earning
Ground floor opportunity! Residual income from your whole team, nine levels deep
$99 joining fee and you get 30% of everyone you sign up
Looking for 5 motivated ladies to join my team and earn commissions on every recruit
Gifting circle: gift $100, invite two friends and you receive $800
Blessing loom - put in 100, bring two people, get 800 out when you reach the center
You earn from everybody you bring in, and everybody they bring in, ten levels down
No selling, just recruiting. I get paid every time somebody on my team signs somebody up
Our compensation plan pays 10% on level one, 5% on level two, enroll today
Quit your 9-5 like I did, my mentor is adding three people to our team, buy-in is only $250
Become a distributor with a $149 enrollment kit and get a bonus for every person you enroll
Sponsor two friends and your membership is free, after that it is all profit from your organization
Network marketing done right: direct sponsor bonus, matching bonus, leadership bonus
Want passive income? buy one package, bring three friends, your team does the rest
""".splitlines()

HARMLESS = """\
先下线了，明天还要早起
他刚下线，你晚点再找他
我打完这把就下线
服务器十点维护，请大家提前下线
新版本今晚上线，团队辛苦了
我们团队这周又加班
游戏里拉三个人组队就能进副本
怎么把设备强制下线
一条生产线上线下线一共要八小时
警方提醒：发展下线、缴纳入会费、按人头返利的都是传销
新闻里说那个传销窝点端掉了，抓了三十多人
我表哥被骗去广西搞什么1040阳光工程，钱全没了
我姑姑做安利好多年了，家里全是锅
同学非让我去听什么资本运作的课，一听就是传销，快跑
静态收益动态收益，听着就像资金盘，大家别信
什么叫团队计酬？老师上课讲法律的时候提到了
公司内推一个人给两千，你要不要投简历
我们公司推荐入职奖励三千，有想来的吗
法院以组织、领导传销活动罪判处被告人有期徒刑五年
拉人头的别进群，发现一个踢一个
班级团队赛还差两个人，谁来
我们连锁经营的店又开了一家，改天去看看
老师讲金融课，资本运作那章好难懂
她朋友圈天天发总代招代理，我把她屏蔽了
静态和动态网页有什么区别
物理作业：静态平衡和动态平衡那题怎么做
骗子说推荐一人返八百，我妈差点交了入会费
刷到一个讲南派传销五级三阶制的纪录片，挺震撼
大学生误入传销怎么自救，分享一篇文章
介绍一个朋友进来，大家欢迎
我带两个人来吃饭，多备点菜
这家健身房的会员费涨到三千了
楼下超市搞推荐有礼，老客户带新客户送纸巾
排线乱得不行，机箱里理了一晚上
手机屏幕排线松了，修一下多少钱
公司发了伯乐奖 3000 元，谢谢内推的同事
聚餐人头费每人50，转给我就行
养老金双轨制改革，缴费比例 8%
决赛是单场出局制，门票80块
我们球队找人加入，场地费人均30元
团队业绩第一，团队奖五千块，晚上聚餐
我们班要带一个人去演讲比赛，老师奖励两百元
这个月团队提成发了三千块
财务自由之前先把信用卡还了
我带的实习生再带新人，感觉自己老了
We get $500 at work for every person you refer who gets hired
The dungeon is ten levels deep and the game costs $5
Level one is free, level two costs $3
The army gives every recruit $300 for boots
Spillover from the stadium fills our street, parking is $20
Our company has a matching bonus, 5% of the salary
I signed up two friends for the half marathon, $40 each
I need two more people on my team for the quiz night
My aunt keeps trying to get me into her downline, what do I say?
Is Herbalife a pyramid scheme or just bad business?
join my team, we need a healer for the raid tonight
Join our team for the charity run on Sunday
We got a referral bonus at work, $500 if your friend gets hired
The FTC shut down another pyramid scheme this week
How does a binary plan in MLM even work? writing a paper on it
MLM people in my inbox again, so tired of it
I lost $3,000 in an MLM, don't let your friends join
The starter kit for the chemistry class costs $25
He wants to be his own boss and open a bakery
My team lead is recruiting three engineers
Anybody want to recruit me into your clan? level 40
The matrix is still the best movie of the nineties
the upline and downline bandwidth of my modem is terrible
We climbed the pyramid of the sun last year
Invite two friends to the party if you like
Bring three friends and we have a full table
They called it a ground floor opportunity and then vanished, total scam
Residual income is a term in accounting, chapter 7
You can bring your team to the office on Friday
Network marketing killed half of my friendships
the gifting circle in our office is doing secret santa again
""".splitlines()

WORDS = """\
健身房入会费五百块，送一节课
这张信用卡消费返利5%，还不错
这套房 1040万，谁买得起
HR pays a recruiting bonus of $1000 this quarter
""".splitlines()


@pytest.mark.parametrize("text", OFFERS)
def test_an_offer_to_join_a_pyramid_is_fraud_and_removed(text: str) -> None:
    found = verdict(text)
    assert found.removes
    assert "pyramid" in rules_of(found)
    assert "fraud" in labels_of(found)


@pytest.mark.parametrize("text", HARMLESS)
def test_talk_of_pyramids_and_their_words_is_let_be(text: str) -> None:
    assert verdict(text).decision in ("allow", "watch")


@pytest.mark.parametrize("text", WORDS)
def test_a_word_that_others_use_too_makes_no_pyramid(text: str) -> None:
    assert "pyramid" not in rules_of(verdict(text))


def test_the_ways_of_writing_do_not_hide_a_pyramid() -> None:
    plain = "直推奖20%，静态收益每天1%，发展下线再拿一份"
    written = (
        plain.replace("直推奖", "直.推.奖"),
        plain.replace("收益", "收\u200b益"),
        plain[::-1],
        "發展下線，靜態收益每天1%",
    )
    assert [text for text in written if "pyramid" not in rules_of(verdict(text))] == []


def rules_of(found: Verdict) -> set[str]:
    return {hit.rule for hit in found.hits}


def labels_of(found: Verdict) -> set[str]:
    return {str(label) for label in found.labels}
