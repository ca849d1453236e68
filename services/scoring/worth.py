"""What a message is worth: its length in information, unless it says next to nothing."""

from __future__ import annotations

import re
from typing import Final

from shared.events import Media, MessagePosted

LOW_VALUE_POINTS: Final = 1
"""A receipt, a thank-you, a laugh, a sticker."""
MEDIA_POINTS: Final = 6
"""A picture, a voice message, a video, a file or a link, before its text."""
TEXT_BASE: Final = 3
TEXT_STEP: Final = 2
TEXT_STEPS_MOST: Final = 6

_LONGEST_LOW_VALUE: Final = 40
_NOISE: Final = re.compile(r"@\S+|\[[^\]\s]{1,8}\]")
_RECEIPTS: Final = """
收到 已收到 收到谢谢 谢谢收到 谢谢 谢谢你 谢谢您 谢谢大家 谢谢分享 感谢 感谢分享 多谢 谢了 辛苦了
好 好的 好滴 好嘞 好吧 好的谢谢 可以 行 行吧 嗯 嗯嗯 恩 哦 噢 喔 是 是的 对 对的 对啊 没错
明白 了解 知道了 顶 赞 棒 真棒 支持 已阅 同意 同上 路过 围观 沙发 打卡 签到 报到
早 早安 早上好 午安 晚安 下午好 晚上好 大家好 你好 您好 在 在吗 来了 欢迎 欢迎欢迎 欢迎新人
恭喜 加油 厉害 牛 牛逼 哈 呵呵 嘻嘻 嘿嘿
ok okay k kk okok yes yep yeah no nope thanks thank thx ty thankyou tks cool nice great lol
haha hahaha hi hello hey gm gn good yyds xswl up same agreed welcome congrats done noted gotit
roger sure
"""
_LOW_VALUE: Final = frozenset(_RECEIPTS.split())


def low_value(text: str) -> bool:
    """Whether a text only acknowledges, greets, laughs or repeats one character.

    Mentions, bracketed stickers (`[微笑]`), emoji and punctuation are not counted
    as saying anything.
    """
    if len(text) > _LONGEST_LOW_VALUE:
        return False
    if "@" in text or "[" in text:
        text = _NOISE.sub("", text)
    bare = "".join(filter(str.isalnum, text)).casefold()
    return bare in _LOW_VALUE or len(set(bare)) < 2


def text_points(text: str) -> int:
    """Return the points of a text that says something, growing with the log of its length.

    Length is counted in UTF-8 bytes divided by three: one for a Chinese
    character, a third for a Latin letter, about what each tells.
    """
    steps = (len(text.encode(errors="replace")) // 3).bit_length()
    return TEXT_BASE + TEXT_STEP * min(steps, TEXT_STEPS_MOST)


def message_points(message: MessagePosted) -> tuple[int, bool]:
    """Return the points of a message and whether it is of low value."""
    if message.media is Media.STICKER or message.media is Media.RED_PACKET:
        return LOW_VALUE_POINTS, True
    text = message.text
    if message.media is Media.TEXT:
        if low_value(text):
            return LOW_VALUE_POINTS, True
        return text_points(text), False
    return MEDIA_POINTS + (0 if low_value(text) else text_points(text)), False
