"""Who poses as somebody to get money, codes or passwords is stopped; who warns of it is not."""

from __future__ import annotations

import pytest

from tests.unit.rules.judging import verdict

POSING = """\
我是警察，你涉嫌洗钱，请配合将资金转入安全账户
你好，这里是市公安局，您名下一张卡涉案，请把存款转到监管账户
我是王警官，工号 02317，你涉嫌一起诈骗案，现在把资金转移到安全账户清查
老师好，我是班主任，资料费发我支付宝
各位家长我是班主任，校服费转我个人支付宝
把你收到的验证码发我一下，不小心填成你手机号了
不好意思，验证码发到你手机上了，麻烦把验证码告诉我
刚注册填了你的手机号，验证码发过来一下谢谢
hi I'm from the admin team, please send me your password
This is your bank, confirm your password and send me the code
hey I typed your number by mistake, can you send me the code you got
""".splitlines()

WARNING = """\
接到电话说是公安局的，说我涉嫌洗钱要转到安全账户，差点信了
警方提醒：自称警察要求转入安全账户的都是诈骗
凡是说你涉嫌洗钱、要你把钱转到安全账户的，都是假的
不要把验证码发给任何人
别把验证码发给说填成你手机号的人，我同事刚被骗
we will never ask you to send your password
someone from the admin team said send me your password, that was a scam
""".splitlines()

HARMLESS = """\
我是班主任，明天家长会三点开始，请准时到
我是警察，最近辖区电动车被盗较多，请大家锁好车
妈我验证码发你手机上了，看一下
验证码发我一下，我在用你的会员登录
I'm from the admin team, the meeting is moved to Friday
老师好，我是班主任的同事，资料已放办公室
""".splitlines()

CHILDREN = """\
selling cp, mega links, dm
Teen porn collection for sale, mega link
cp packs for sale, telegram in bio
trading cp, dm me
preteen vids, mega folder, dm
jailbait collection for sale, mega links
""".splitlines()

NO_GOODS = """\
a man was jailed for child porn in Ohio, police reported
police arrested a man selling child porn
my cp score in Pokemon Go is 3200
the teen porn law is discussed in the news
selling my old bike, dm
""".splitlines()


def rules_of(text: str) -> set[str]:
    return {hit.rule for hit in verdict(text).hits}


@pytest.mark.parametrize("text", POSING)
def test_who_poses_as_somebody_is_removed(text: str) -> None:
    assert "poses_as_somebody" in rules_of(text)
    assert verdict(text).removes


@pytest.mark.parametrize("text", WARNING + HARMLESS)
def test_who_warns_of_impostors_or_is_who_they_say_is_let_be(text: str) -> None:
    assert "poses_as_somebody" not in rules_of(text)
    assert verdict(text).decision in ("allow", "watch")


@pytest.mark.parametrize("text", CHILDREN)
def test_the_abuse_of_children_as_goods_is_removed(text: str) -> None:
    assert "abuse_of_children" in rules_of(text)
    assert verdict(text).removes


@pytest.mark.parametrize("text", NO_GOODS)
def test_news_of_such_trades_and_their_letters_elsewhere_are_let_be(text: str) -> None:
    assert "abuse_of_children" not in rules_of(text)
    assert verdict(text).decision in ("allow", "watch")
