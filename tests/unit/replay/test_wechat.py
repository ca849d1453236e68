from __future__ import annotations

from collections import Counter
from pathlib import Path

from shared.events import Media, MemberJoined, MemberLeft, MessagePosted
from tests.unit.replay.reading import summary, told, write

TIME_FIRST = """2023-01-05 12:30:45 张三
大家好
第二行

2023-01-05 12:31:00 李四(wxid_abc123def)
[图片]

2023-01-05 12:31:10 王五
「张三：大家好」
- - - - - - - - - - - - - - -
你好张三

2023-01-05 12:32:00
"张三"邀请"赵六、钱七"加入了群聊

2023-01-05 12:33:00 系统消息
你将"钱七"移出了群聊

2023-01-05 12:34:00 系统消息
"李四" 撤回了一条消息
"""


def test_names_below_times(tmp_path: Path) -> None:
    skipped: Counter[str] = Counter()
    events = told(write(tmp_path, {"猫友群.txt": TIME_FIRST}), "wechat", skipped)
    assert summary(events) == [
        ("message.posted", "张三"),
        ("message.posted", "wxid_abc123def"),
        ("message.posted", "王五"),
        ("member.joined", "赵六"),
        ("member.joined", "钱七"),
        ("member.left", "钱七"),
    ]
    first, picture, reply, joined, _, removed = events
    assert isinstance(first, MessagePosted)
    assert (first.group, first.text) == ("猫友群", "大家好\n第二行")
    assert first.time == 1_672_893_045_000, "12:30:45 in China"
    assert isinstance(picture, MessagePosted)
    assert (picture.media, picture.text) == (Media.IMAGE, "")
    assert isinstance(reply, MessagePosted)
    assert (reply.text, reply.reply_to_member) == ("你好张三", "张三")
    assert isinstance(joined, MemberJoined)
    assert joined.invited_by == "张三"
    assert isinstance(removed, MemberLeft)
    assert removed.reason == "kicked"
    assert skipped == {"system messages": 1}


def test_other_layouts_say_the_same(tmp_path: Path) -> None:
    layouts = {
        "a": "张三 2023/1/5 12:30:45\n大家好\n李四 2023/1/5 12:31\n早\n",
        "b": "[2023-01-05 12:30:45] 张三: 大家好\n[2023-01-05 12:31:00] 李四: 早\n",
        "c": "张三（2023年1月5日 12:30:45）：大家好\n李四（2023年1月5日 12:31）：早\n",
        "d": "\ufeff2023-01-05 12:30:45 '张三'\r\n大家好\r\n2023-01-05 12:31:00 '李四'\r\n早\r\n",
    }
    found = {
        tuple((event.member, event.time, event.text) for event in _messages(tmp_path, name, text))
        for name, text in layouts.items()
    }
    assert found == {(("张三", 1_672_893_045_000, "大家好"), ("李四", 1_672_893_060_000, "早"))}


def _messages(folder: Path, name: str, text: str) -> list[MessagePosted]:
    events = told(write(folder / name, {"g.txt": text}), "wechat")
    return [event for event in events if isinstance(event, MessagePosted)]


def test_equal_lines_of_one_moment_are_told_apart_and_keep_their_ids(tmp_path: Path) -> None:
    line = "2023-01-05 12:30:45 张三\n好\n"
    short = [event.id for event in told(write(tmp_path / "1", {"g.txt": line * 2}), "wechat")]
    longer = "2023-01-04 10:00:00 李四\n早\n" + line * 2
    again = [event.id for event in told(write(tmp_path / "2", {"g.txt": longer}), "wechat")]
    assert len(set(short)) == 2
    assert again[1:] == short
