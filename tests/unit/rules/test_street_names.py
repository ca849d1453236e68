"""Weapons and drugs under the names of the street are found where somebody offers them."""

from __future__ import annotations

import pytest

from tests.unit.rules.judging import verdict

OFFERS = """\
气枪钢珠枪现货，送到家
秃鹰狗粮现货，隐秘发货
高压快排 铅弹 全套配件 包邮
狗粮500发一盒，配秃鹰，顺丰到付
打鸟神器，钢珠枪，安全到货，价格500
叶子有货，飞行员上车
新到叶子，上头，劲大，懂的来
猪肉纯度高，一克起，埋包自取
邮票现货，到手上头，隐秘发货
蓝精灵现货，同城闪送
听话水现货包邮，无色无味
乖乖水有货，保密发货
迷药喷雾，一喷就倒，货到付款
小树枝上头电子烟，有货，闪送到家
神仙水奶茶粉，现货，夜场专用
娜塔莎新货到了，小树枝也有，包邮
冰糖纯度98，老客优惠，埋包
聪明药阿普唑仑无需处方，现货
gas and za in stock, hmu
got that gas, zips and quarters, tap in
molly and bars for the low, dm
xans percs addys, discreet shipping
pure molly, shipped discreetly, prices in my story
kush, carts and shrooms, menu available, delivery tonight
ghost gun kits, no serial, shipping anywhere
glock switches in stock, ship discreetly
unserialized frames and auto sears, dm
your local plug, zaza and shrooms restocked, hit my line
acid tabs and mushrooms, vacuum sealed, stealth shipping
fresh batch of edibles and carts, same day drop off, hmu
""".splitlines()

HARMLESS = """\
狗粮到货了，我家狗特别爱吃这个牌子
楼下超市猪肉二十五一斤
秋天了，叶子都黄了
飞行员的工资真高
快上车，车要开了
集邮的来看，这套邮票好漂亮
蓝精灵这动画片我小时候天天看
动物园的秃鹰长得好威风
这把气枪是嘉年华打气球用的
化学课：冰的密度比水小
吃鸡里这把枪后坐力太大，子弹还少
他一枪爆头，我直接回大厅
新闻里说有人在酒吧被下迷药，大家当心
警方破获一起网售气枪案，缴获铅弹两千发
听话水到底是什么东西，真吓人
晚上喝奶茶吗，我请
冰糖雪梨煮好了，下班回来喝
我阳台上的小树枝发芽了
神仙水用完了，脸好多了
狗粮吃完了，明天去买
这游戏的秃鹰狙击枪有货吗，商店里没看到
gas is four dollars a gallon now
Molly shipped the package yesterday
is the Switch in stock anywhere? dm me if you see one
candy bars for the bake sale, two dollars each
need a plug adapter for the trip, what's the price
my phone bars dropped to one, no signal
he ghosted me lol
got the gun skin on the market for five bucks
finally got a kill with the glock in this map
the delivery guy left the mushrooms at the door
the acid in this lab needs a vacuum pump
news: police seized ghost guns and fentanyl at the port
the loud music next door is killing me
the hardware store has light switches in stock, cheap too
Kush is my favourite mountain range name, the Hindu Kush
""".splitlines()


@pytest.mark.parametrize("text", OFFERS)
def test_an_offer_under_street_names_is_contraband_and_removed(text: str) -> None:
    found = verdict(text)
    assert found.removes
    assert "street_trade" in {hit.rule for hit in found.hits}
    assert "contraband" in {str(label) for label in found.labels}


@pytest.mark.parametrize("text", HARMLESS)
def test_the_same_words_in_talk_are_let_be(text: str) -> None:
    assert verdict(text).decision in ("allow", "watch")
