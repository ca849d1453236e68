"""Plain lures, and ways to write them so that filters miss them. All made up for the tests."""

from __future__ import annotations

from collections.abc import Callable

LURES = (
    "加微信 abcd8899 领红包",
    "加微信 lover2024 看福利视频",
    "加微信领取免费资料 wxid8866",
    "兼职刷单日赚500元 加微信 money886",
    "网上兼职日结300元 联系微信 job5566",
    "无抵押贷款当天放款 加微信 loan7788",
    "低息贷款秒批 联系电话 13800138000",
    "内幕消息荐股稳赚不赔 加微信 stock668",
    "博彩平台注册送彩金 加微信 win88888",
    "时时彩计划群稳赚 加qq群 123456789",
    "真人荷官百家乐 加qq 99887766",
    "同城约炮 加微信 night520",
    "代开发票正规 联系微信 tax8866",
    "办证刻章 联系电话 13900139000",
    "高仿名包工厂直销 加微信 bag6688",
    "减肥瘦身招代理 加微信 slim5210",
    "微信红包扫雷群 加qq群 87654321",
    "游戏外挂低价出售 加qq 55667788",
    "淘宝优惠券内部群 加微信 quan666888",
    "虚拟货币带单老师 加微信 coin8899",
    "在家赚钱日入过千 加qq 11223344",
    "扫码领红包 加微信 hongbao66",
    "外挂工具箱稳定不封号 加qq群 279314500",
    "低价出游戏账号 联系微信 hao5566",
    "花呗套现秒到 加微信 huabei77",
    "信用卡代还提额 联系电话 13700137000",
    "跑分车队日入两千 加微信 paofen88",
    "手机兼职点赞员日结 加qq 33445566",
    "学历提升包过拿证 加微信 xueli999",
    "高仿手表一件代发 加微信 watch868",
    "祖传秘方根治脱发 加微信 yao12345",
    "壮阳延时无效退款 加微信 qiang666",
    "私家侦探手机定位 联系电话 13600136000",
    "驾照免考包过 加微信 jiazhao88",
    "棋牌代理返水秒提款 加qq 66778899",
    "六合彩内部特码必中 加微信 tema4949",
    "美女直播福利群 加qq群 345678901",
    "炒币合约带单翻倍 加微信 btc98765",
    "原始股内幕消息高回报 加微信 gupiao66",
    "代考替考考前答案 加qq 77665544",
    "收银行卡四件套高价 加微信 ka778899",
    "微信小号出售秒发 加qq 22334455",
    "刷粉刷赞低价涨粉 加微信 fensi520",
    "免费送茅台酒扫码领取 加微信 maotai53",
    "驾照扣分消分全国可做 加微信 jiafen88",
    "代写论文降重包过 加qq 55443322",
    "收闲置银行卡安全日结 加微信 kashang66",
    "抖音涨粉真人粉不掉 加微信 zhangfen8",
    "电报会员代开秒到 加qq 99887744",
    "王者代练星耀上王者 加微信 dailian77",
    "征信修复停息挂账 联系电话 13500135000",
    "医美水光针特价 加微信 yimei5566",
)

FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
MATHS = {
    **{ord("a") + i: 0x1D41A + i for i in range(26)},
    **{ord("0") + i: 0x1D7CE + i for i in range(10)},
}
CYRILLIC = str.maketrans("aeopcxyk", "аеорсхук")
CHINESE_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
TRADITIONAL = str.maketrans("红贷赚单职块发证群资颜听联电话领", "紅貸賺單職塊發證群資顏聽聯電話領")
SPLIT = {"加": "力口", "钱": "钅戋", "赌": "贝者", "红": "纟工", "赚": "贝兼", "信": "亻言"}
TAKEN_APART = """
信亻言 代亻弋 做亻故 低亻氐 保亻呆 件亻牛 扫扌彐 投扌殳 提扌是 打扌丁 批扌比 抵扌氐 证讠正 计讠十
视礻见 福礻畐 课讠果 红纟工 级纟及 机木几 款士示欠 码石马 秒禾少 领令页 约纟勺 药艹约 银钅艮 钱钅戋
"""
COMPONENTS = str.maketrans({each[0]: each[1:] for each in TAKEN_APART.split()})


def between(separator: str) -> Callable[[str], str]:
    """Return the evasion that puts a separator between all Chinese characters."""

    def separate(text: str) -> str:
        parts = []
        for here, following in zip(text, [*text[1:], ""], strict=True):
            parts.append(here)
            if is_chinese(here) and is_chinese(following):
                parts.append(separator)
        return "".join(parts)

    return separate


def is_chinese(character: str) -> bool:
    return "\u4e00" <= character[:1] <= "\u9fff"


def with_words(**words: str) -> Callable[[str], str]:
    """Return the evasion that writes some words otherwise."""

    def write(text: str) -> str:
        for plain, written in words.items():
            text = text.replace(plain, written)
        return text

    return write


def split(text: str) -> str:
    return "".join(SPLIT.get(character, character) for character in text)


def emoji_digits(text: str) -> str:
    return "".join(f"{c}\ufe0f\u20e3" if c.isdigit() else c for c in text)


EVASIONS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "dots": between("."),
    "middle dots": between("·"),
    "spaces": between(" "),
    "slashes": between(" / "),
    "emoji": between("🌸"),
    "zero-width": between("\u200b"),
    "joiners": between("\u2060"),
    "combining": between("\u0336"),
    "bidirectional": between("\u202d"),
    "full width": lambda text: text.translate(FULL_WIDTH),
    "mathematical": lambda text: text.translate(MATHS),
    "cyrillic": lambda text: text.translate(CYRILLIC),
    "chinese digits": lambda text: text.translate(CHINESE_DIGITS),
    "circled digits": lambda text: text.translate(CIRCLED),
    "emoji digits": emoji_digits,
    "traditional": lambda text: text.translate(TRADITIONAL),
    "v信": with_words(微信="V信", qq="扣扣"),
    "薇信": with_words(微信="薇 信", qq="企鹅号"),
    "威芯": with_words(微信="威芯", qq="q q"),
    "vx": with_words(微信="vx", qq="QQ"),
    "卫星": with_words(加微信="加卫星", qq="抠抠"),
    "plus": with_words(加微信="➕V", 加qq="➕扣扣"),
    "pinyin": with_words(微信="wei xin"),
    "split": split,
    "components": lambda text: text.translate(COMPONENTS),
    "蔚心": with_words(加微信="嘉蔚心", 微信="蔚心", qq="叩叩"),
    "嘉我": with_words(加微信="咖我薇", 联系微信="茄我蔚心", 加qq="嘉我扣扣"),
    "the call backwards": with_words(
        加微信="信微加", 联系微信="信微系联", 联系电话="话电系联", 加qq群="群qq加"
    ),
    "capitals": str.upper,
    "backwards": lambda text: text[::-1],
    "backwards but the contact": lambda text: " ".join(
        part if part.isascii() else part[::-1] for part in reversed(text.split(" "))
    ),
}
