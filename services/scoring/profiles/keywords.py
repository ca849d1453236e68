"""What a text is about: its nouns, names and tags, by the part of speech that jieba finds."""

from __future__ import annotations

import re
from typing import Final

import rjieba

MOST_KEYWORDS: Final = 12
"""Words of one text that count."""
_READ_CHARACTERS: Final = 2_000
_TAG: Final = re.compile(r"#\s*(\w{2,30})")
_NOUNS: Final = frozenset({"n", "nz", "vn", "nt", "nw", "an", "eng", "l", "i", "j"})
_LATIN: Final = re.compile(r"[a-z][a-z0-9+.#-]{2,29}")
_ADDRESS: Final = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")

_PASTIMES: Final = """
徒步 烘焙 健身 露营 写作 炒股 减肥 做饭 骑行 攀岩 滑雪 滑冰 跳舞 唱歌 画画 追剧 下棋 冥想 理财 创业
带货 直播 插花 潜水 冲浪 登山 爬山 骑车 自驾 遛狗 养猫 养狗 种花 备孕 面试 求职 租房 装修 买房 考公
打球 打坐 观鸟 观星 练字 刷题 剪辑 翻译 收纳 编织 化妆 穿搭 美甲 拼豆 手冲 品茶 试驾 越野 马拉松
"""
"""What people do together and jieba does not take for nouns."""
_COMMON: Final = """
大家 时候 东西 问题 事情 今天 明天 昨天 朋友 朋友们 老师 同学 同学们 群主 消息 图片 视频 链接 感觉
时间 地方 办法 情况 意思 样子 方面 部分 内容 关系 原因 结果 一下 一点 有点 大概 上午 下午 晚上 早上
早安 晚安 哈哈 哈哈哈 谢谢 感谢 收到 请问 欢迎 你好 大佬 亲们 宝宝 宝贝 家人 家人们 姐妹 姐妹们 兄弟
兄弟们 个人 自己 别人 人家 女士 先生 小时 分钟 星期 周末 the and for you are was
with that this have has had not but all can will would could
from your they what when where who how why just like get got
out about there their then than them some any our his her
she him its it's i'm don't https http www com one more been
were did does very really also here only into over such too
now yes okay thanks thank please hello good morning haha lol
need want know think make let see way
"""
_STOP: Final = frozenset(_COMMON.split())
_DOING: Final = frozenset(_PASTIMES.split())


def tags(text: str) -> list[str]:
    """Return the hashtags of a text, in lower case, each once: `#徒步#`, `#hiking`."""
    return list(dict.fromkeys(tag.casefold() for tag in _TAG.findall(text)))[:MOST_KEYWORDS]


def keywords(text: str) -> list[str]:
    """Return what a text is about, in the order of its words, each once.

    Words by jieba's dictionary and parts of speech; addresses are left out.
    """
    plain = _ADDRESS.sub(" ", text[:_READ_CHARACTERS])
    found: dict[str, None] = dict.fromkeys(tags(plain))
    for word, kind in rjieba.tag(plain):
        word = word.casefold()
        telling = kind in _NOUNS or word in _DOING
        if telling and word not in _STOP and _says_something(word):
            found[word] = None
            if len(found) == MOST_KEYWORDS:
                break
    return list(found)


def tokens(text: str) -> list[str]:
    """Return the words that a text can be searched by, each once: cut as for a search engine."""
    cut = rjieba.cut_for_search(text[:_READ_CHARACTERS].casefold())
    return list(dict.fromkeys(word for word in cut if _is_word(word)))


def _says_something(word: str) -> bool:
    return bool(_LATIN.fullmatch(word)) if word.isascii() else len(word) >= 2


def _is_word(word: str) -> bool:
    return word.isalnum() and (len(word) > 1 or not word.isascii())
