"""What the cells of real files mean."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalsys.kernel.sheets import cells

CELLS = st.one_of(
    st.none(),
    st.text(),
    st.text(alphabet="0123456789-/.年月日〇二三十 :时点半上午下0129、,;;(()=+'"),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)
FIRST_OF_MARCH = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (1001.0, "1001"),
        (24, "24"),
        (1.5, "1.5"),
        (None, ""),
        ("  税务局 \u200b", "税务局"),
        ("税务局\n(二楼)", "税务局 (二楼)"),
        ("\u3000A\uff11\uff12\u3000区", "A12 区"),
        ("自然资源和规划局\uff08不动产登记\uff09", "自然资源和规划局\uff08不动产登记\uff09"),
        ('="007"', "007"),
        ("'007", "007"),
        ("\ufeff工号", "工号"),
    ],
)
def test_words_are_read_without_the_noise_around_them(cell: cells.Cell, words: str) -> None:
    assert cells.text(cell) == words


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-3", "@SUM", "\uff1d1", "\uff20x"])
def test_words_that_begin_like_a_formula_are_refused(cell: str) -> None:
    with pytest.raises(cells.Unreadable, match="会被当成公式"):
        cells.text(cell)


def test_words_too_long_say_by_how_much() -> None:
    with pytest.raises(cells.Unreadable, match="最多3个字,现在4个"):
        cells.text("一二三四", 3)


@pytest.mark.parametrize(
    ("cell", "code"),
    [(" \uff21\uff0d\uff11\uff12 ", "A-12"), (24.0, "24"), ("11 01 02", "110102"), ("综合1", "综合1")],
)
def test_a_code_is_made_narrow(cell: cells.Cell, code: str) -> None:
    assert cells.code(cell) == code


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (1.1e30, "末几位已经丢失"),
        ("1.11E+30", "科学记数"),
        (date(2026, 3, 1), "改成了日期"),
        ("a/b", "不能用的符号“/”"),
        ("x" * 41, "最多40个字符,现在41个"),
    ],
)
def test_a_code_that_a_spreadsheet_has_spoilt_is_refused(cell: cells.Cell, why: str) -> None:
    with pytest.raises(cells.Unreadable, match=why):
        cells.code(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-3-1",
        "2026/3/1",
        "2026.03.01",
        "20260301",
        "2026年3月1日",
        "2026年3月1号",
        "2026 年 3 月 1 日",
        "二〇二六年三月一日",
        "二零二六年三月一号",
        "二○二六年三月一日",
        "\uff12\uff10\uff12\uff16\uff0d\uff13\uff0d\uff11",
        "2026-03-01 00:00:00",
        "2026-03-01T00:00:00",
        "46082",
        46082,
        46082.0,
        20260301.0,
        date(2026, 3, 1),
        datetime(2026, 3, 1, 9, 30),  # noqa: DTZ001  what a spreadsheet gives has no zone
    ],
)
def test_a_day_is_read_however_it_is_written(cell: cells.Cell) -> None:
    assert cells.day(cell) == FIRST_OF_MARCH


@pytest.mark.parametrize(
    ("cell", "month_and_day"),
    [
        ("二〇二六年十二月三十一日", (12, 31)),
        ("二〇二六年十一月二十日", (11, 20)),
        ("二〇二六年元月十日", (1, 10)),
    ],
)
def test_chinese_numerals_reach_thirty_one(cell: str, month_and_day: tuple[int, int]) -> None:
    assert cells.day(cell) == date(2026, *month_and_day)


@pytest.mark.parametrize(
    "cell",
    [
        "3月1日",
        "1/3/2026",
        "26-3-1",
        "2026-2-30",
        "明天",
        True,
        "",
        7,
        1e300,
        float("nan"),
        time(9),
        "0000-1-1",
    ],
)
def test_a_day_that_is_not_certain_is_refused(cell: cells.Cell) -> None:
    with pytest.raises(cells.Unreadable):
        cells.day(cell)


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        ("9:00", time(9)),
        ("9\uff1a00", time(9)),
        ("09:00:00", time(9)),
        ("9点", time(9)),
        ("9点半", time(9, 30)),
        ("9时30分", time(9, 30)),
        ("下午1:30", time(13, 30)),
        ("上午 9:00", time(9)),
        ("0900", time(9)),
        (1330, time(13, 30)),
        (9, time(9)),
        (0.375, time(9)),
        (timedelta(hours=13, minutes=30), time(13, 30)),
        (time(9, 30), time(9, 30)),
        ("24:00", cells.END_OF_DAY),
    ],
)
def test_an_hour_is_read_however_it_is_written(cell: cells.Cell, hour: time) -> None:
    assert cells.hour(cell) == hour


@pytest.mark.parametrize("cell", ["25:00", "9:60", "早", "", date(2026, 3, 1), -1.0, timedelta(days=2), True])
def test_an_hour_that_is_none_is_refused(cell: cells.Cell) -> None:
    with pytest.raises(cells.Unreadable):
        cells.hour(cell)


@pytest.mark.parametrize("separator", ["、", ",", "\uff0c", ";", "\uff1b", "\n", " ", "\u3000", " 、 "])
def test_a_list_may_be_separated_in_many_ways(separator: str) -> None:
    assert cells.parts(f"身份证{separator}户口本") == ("身份证", "户口本")
    assert cells.codes(f"A1{separator}A2{separator}A1") == ("A1", "A2")


def test_signs_in_brackets_do_not_separate() -> None:
    assert cells.parts("身份证\uff08原件、复印件\uff09、申请表") == (
        "身份证\uff08原件、复印件\uff09",
        "申请表",
    )


def test_a_number_alone_is_a_list_of_one() -> None:
    assert cells.codes(24.0) == ("24",)


def test_yes_and_no_are_known_in_many_forms() -> None:
    assert all(cells.yes(cell) for cell in ("是", "√", "Y", "\uff39", True, 1, 1.0, "有"))
    assert not any(cells.yes(cell) for cell in ("否", "×", "n", False, 0, "无"))
    with pytest.raises(cells.Unreadable, match="请填“是”或“否”"):
        cells.yes("也许")


def test_a_choice_names_what_may_be_chosen() -> None:
    assert cells.chosen(" 综合 ", {"综合": "综合"}, "综合、专窗") == "综合"
    with pytest.raises(cells.Unreadable, match="请填综合、专窗中的一个"):
        cells.chosen("别的", {"综合": "综合"}, "综合、专窗")


def test_nothing_may_be_said_in_words() -> None:
    assert cells.is_nothing("无")
    assert cells.is_nothing(" — ")
    assert not cells.is_nothing("")
    assert cells.is_blank(" \u3000\n")


@pytest.mark.parametrize(
    "read", [cells.text, cells.code, cells.parts, cells.codes, cells.yes, cells.day, cells.hour, cells.shown]
)
@given(cell=CELLS)
def test_no_cell_crashes_a_reader(read: Callable[[cells.Cell], object], cell: cells.Cell) -> None:
    with suppress(cells.Unreadable):
        read(cell)


@given(cell=CELLS)
def test_what_is_read_as_words_can_be_stored(cell: cells.Cell) -> None:
    try:
        words = cells.text(cell)
    except cells.Unreadable:
        return
    assert "\x00" not in words
    words.encode()
    assert words == words.strip()
    assert len(words) <= 200
