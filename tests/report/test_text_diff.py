"""Long texts compared: hunks, sections, marks inside lines, Chinese and English."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cozeops.report.plan.intraline import intraline, pairs
from cozeops.report.plan.structure import differences
from cozeops.report.plan.text_diff import section, text_diff
from cozeops.report.terminal.cells import rows, truncate, width
from cozeops.report.terminal.safe import compact, visible

from .plans import PROMPT, PROMPT_AFTER

BOUNDED = settings(max_examples=150, derandomize=True, deadline=None)
TEXT = st.text(st.sampled_from([*"ab \n#`菜。，é\r\t🍜", "\u202e", "\u200d"]), max_size=80)


def marks(old: str, new: str) -> tuple[list[str], list[str]] | None:
    found = intraline(old, new)
    return found and tuple([one.text for one in side if one.marked] for side in found)  # type: ignore[return-value]


def test_chinese_is_marked_by_character() -> None:
    assert marks("每一步不超过两句话。", "每一步不超过三句话。") == (["两"], ["三"])


def test_english_is_marked_by_word() -> None:
    assert marks("name at most three places", "name at most thirty places") == (["three"], ["thirty"])


def test_strangers_are_not_marked() -> None:
    assert marks("你是一位厨师", "Answer in English only") is None


def test_lines_find_their_twins() -> None:
    old = ["1. 先列出食材和用量。", "2. 再列出步骤。", "3. 讲完后询问用户。"]
    new = ["注意安全！", "1. 先列出食材。", "3. 讲完后询问用户是否满意。"]
    assert pairs(old, new) == [(0, 1), (2, 2)]
    assert pairs(["甲乙丙"], ["xyz"]) == [(0, 0)]


def test_close_changes_are_one() -> None:
    assert marks("abc 你好界们人 def ghi", "abc 再见界宇宙 def ghi") == (["你好界们人"], ["再见界宇宙"])


def test_a_very_long_line_is_compared_by_sentence() -> None:
    old = "".join(f"第{n}句话说的是第{n}件事。" for n in range(900))
    found = marks("甲" + old + "乙", "丙" + old + "丁")
    assert found == (["甲", "乙"], ["丙", "丁"])


def test_sections_name_the_hunks() -> None:
    diff = text_diff(PROMPT, PROMPT_AFTER)
    assert [hunk.heading for hunk in diff.hunks] == ["角色", "角色 › 技能 › 技能 2：讲解做法"]
    assert (diff.added, diff.removed) == (4, 4)


def test_a_heading_in_a_code_block_is_no_section() -> None:
    assert section(["# A", "```", "# no", "```", "text"], 5) == "A"
    assert section(["【角色】", "text"], 2) == "【角色】"


def test_line_ends_do_not_count() -> None:
    diff = text_diff("a\r\nb", "a\nb")
    assert (diff.hunks, diff.remark) == ((), "only line ends differ")


@BOUNDED
@given(TEXT, TEXT)
def test_a_diff_loses_nothing(before: str, after: str) -> None:
    diff = text_diff(before, after, context=1000)
    before, after = before.replace("\r\n", "\n"), after.replace("\r\n", "\n")
    if not diff.hunks:
        assert before == after
        return
    if before.endswith("\n") and after.endswith("\n"):
        before, after = before.removesuffix("\n"), after.removesuffix("\n")
    (hunk,) = diff.hunks
    old = "\n".join(line.text for line in hunk.lines if line.sign in " -")
    new = "\n".join(line.text for line in hunk.lines if line.sign in " +")
    assert (old, new) == (before, after)


@BOUNDED
@given(TEXT.map(lambda text: visible(text).replace("\n", " ").replace("\t", " ")), st.integers(4, 30))
def test_rows_fit_and_lose_only_blanks(text: str, room: int) -> None:
    found = rows(text, room, room - 2)
    assert all(width(text[start:end]) <= room for start, end in found)
    assert "".join("".join(text[a:b] for a, b in found).split()) == "".join(text.split())


@BOUNDED
@given(TEXT, st.integers(1, 20))
def test_truncation_fits(text: str, room: int) -> None:
    assert width(truncate(visible(text).replace("\n", " ").replace("\t", " "), room)) <= room


def test_emoji_stay_whole() -> None:
    assert visible("👨‍👩‍👧 ❤️‍🔥") == "👨‍👩‍👧 ❤️‍🔥"
    assert visible("a\u200db") == "a\\u200db"


def test_words_need_no_quotes_and_look_alikes_do() -> None:
    assert [
        compact(one) for one in ("enable", "每日学一菜", "1", 1, True, "true", None, "", "a b", "a: b")
    ] == ["enable", '"每日学一菜"', '"1"', "1", "true", '"true"', "null", '""', '"a b"', '"a: b"']


def test_lists_show_what_comes_and_goes() -> None:
    found = list(differences([{"name": "a", "x": 1}, "b", "c"], ["c", {"name": "a", "x": 2}, "d"]))
    assert [(one.sign, one.path) for one in found] == [("~", "[a].x"), ("-", ""), ("+", "")]
    assert [one.path for one in differences(["a", "b"], ["b", "a"])] == ["order"]
