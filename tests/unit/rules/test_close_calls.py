"""Offers and what is said in nearly the same words, trade by trade."""

from __future__ import annotations

import pytest

from services.rules.verdict import ACTING
from tests.unit.rules.judging import World, by_newcomers, flags, message, verdict

REMOVED = """\
Want to see me naked? Click my bio link
My nudes are waiting, check the link in my bio
卖枪，五四式，配子弹，面交
出枪，六四式，带子弹，当面交易
制式手枪 送子弹 面交
曲马多 泰勒宁 不用处方 私聊发货
佐匹克隆 地西泮 免处方 私聊
曲马多不要处方，发货快
加Line：boss888 領飆股
加賴 id: tea520 外送茶
飆股群 老師帶飛 加賴
飆股名單免費領 加賴 stock888
約茶 加LINE tea99
偏門工作 日領現金
偏門生意 日領薪 加賴
Forsage smart contract: invite 2 people, earn ETH forever
Forsage: invite two people and earn BNB every day
交3800入会，发展两个人就回本，后面都是赚的
入会费3800，发展三个人就回本
交钱入会，拉两个人就回本，后面全是赚的
三个合伙人就够了，一个带三个，三个带九个
I am a private lender offering loans at 2% interest rate, email me at lender@gmail.com
Private loan lender here, we offer loans to everyone, email lend@mail.com
We offer loans from $1000, interest rate 3%, write to loans@mail.com
Become a mystery shopper and earn $400 per assignment
Secret shoppers needed, $300 per assignment
今晚三中三 复式 准到爆 加群看料
二中二 今晚稳 进群看料
百家乐打法 保证赢 带你飞
龙虎斗稳赢打法 包你赢
Scan the QR code to get a cash red envelope of 88 yuan
Scan this QR and claim your cash red packet
text me on kik: lonely_girl22
小红书搜 xxxx88 领资料
抖音搜 abc6688 领资料
邮箱 aaa@qq.com 代开发票
代开专票 邮箱 fp@163.com
bo cai ping tai zhu ce song cai jin
all muslims are terrorists, kick them out
""".splitlines()

WARNED = """\
dai kai fa piao
all immigrants are rapists, deport them
these jews are all liars, kick them out
mexicans are rats, send them back
把他的照片做成表情包发遍所有群，让他抬不起头
大家轮流私信骂她，别给她喘气的机会
一起去骂，冲他评论区
let's all spam her dms until she quits
""".splitlines()

LET_BE = """\
澳门威尼斯人酒店好住吗
澳门新葡京附近有什么好吃的
葡京酒店的蛋挞真好吃
我们下个月去澳门，住葡京还是银河
拉斯维加斯的赌场酒店自助餐不错
太阳城商场今天打折吗
威尼斯人的购物街好逛吗，附近吃什么
去澳门住威尼斯人还是金沙，一晚多少
澳门赌场附近的蛋挞哪家好吃
we stayed at the casino hotel in Vegas, the buffet was great
我中奖了
我老婆昨天中奖了，请大家吃饭
CS里卖枪换个皮肤，面交个头哈哈
博物馆里的五四式和六四式都看过
医生给我开了曲马多，吃了头晕
听话水到底是什么东西，真吓人
加赖床两小时
这条line画得不错
要不要加Line群聊一下旅行的事
飙股是什么意思
forsage is a known scam, don't join
invite two people for dinner, I cook
社团入会要交多少会费
I worked as a mystery shopper once, it was boring
my lender approved the mortgage, 3% interest rate
scan the QR code to get the menu
新生请到一楼领资料
抖音搜一下这首歌
帮我开发票发到 a@qq.com 谢谢
are all muslims fasting this month?
someone said all immigrants are criminals, that's racist
the rats in my basement are terrible, get rid of them
他们一起去骂了裁判，后来道歉了
这菜太恶心了
猪肉又涨价了，恶心
你别恶心我了哈哈
这汤太恶心了，我喝不下
食堂的菜恶心死了
榴莲这味道真恶心，受不了
打了，地形太恶心
急了急了他急了
他急了，让他慢慢说
我们小区团购推荐一个邻居减五块
咱们小区团购鸡蛋，满十盒减五块
信用卡消费返利5%，其实不划算
这年卡打折后还是不划算
返利平台其实不划算，还不如直接买
【群公告】二手交易请到隔壁闲置群，本群只聊小区事务。微商、代购、贷款、装修公司、拉票砍价一律不允许
【群规】代购、微商、贷款广告一律踢
群公告：招聘、兼职、贷款信息禁发，违者一律移出
嗯，一开盘就往下走
收一张二手书桌，1米2左右的，有搬家不要的邻居说一声
你买的那个理财能保本吗
科技馆预约成功，凭身份证入馆
您的宽带移机已受理，师傅上门前会打电话
打工狗今天也在加班
""".splitlines()

RESORTS_OF_GAMBLERS = """\
新葡京娱乐城 注册送88 彩金秒到
澳门威尼斯人线上娱乐，首存送彩金
澳门赌场贵宾厅，洗码返水，酒店免费，加微信 vip8899
葡京真人荷官 下注秒出款 附近的人都在玩
""".splitlines()


@pytest.mark.parametrize("text", REMOVED + RESORTS_OF_GAMBLERS)
def test_an_offer_is_removed(text: str) -> None:
    assert verdict(text).removes


@pytest.mark.parametrize("text", WARNED)
def test_what_might_be_less_grave_is_acted_on(text: str) -> None:
    assert verdict(text).decision in ACTING


@pytest.mark.parametrize("text", LET_BE)
def test_talk_in_nearly_the_same_words_is_let_be(text: str) -> None:
    assert verdict(text).decision in ("allow", "watch")


@pytest.mark.parametrize(
    "text",
    [
        "看看这个 http://abcde.top/x",
        "大家好，我是新人 http://my-shop.xyz",
        "http://photos-of-mine.xyz 我的作品",
    ],
)
def test_a_newcomers_bare_link_is_watched_and_a_members_is_not(text: str) -> None:
    newcomer = flags(World().see(*by_newcomers(message(text))))
    assert [hit.rule for flag in newcomer for hit in flag.hits if hit.rule == "newcomer_link"]
    assert not [hit.rule for flag in newcomer for hit in flag.hits if hit.rule == "shares_a_link"]
    assert flags(World().see(message(text))) == []
