"""What a cell of a real file means: text, codes, days, hours, yes and no, lists; tolerant, never guessing."""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from evalsys.kernel.words import FORMULA_SIGNS

Cell = str | int | float | bool | date | datetime | time | timedelta | None


class Unreadable(ValueError):
    """A cell that cannot be understood, with a Chinese sentence that says what to write instead."""


NOTHING_WORDS = frozenset({"无", "没有", "-", "--", "—", "——", "/", "\\", "N/A", "n/a"})
"""What people write into a cell to say that there is nothing."""

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
_ALPHANUMERIC = {full: half for full, half in _FULL_WIDTH.items() if chr(half).isalnum() or half == 0x20}
# Control signs, and those that show nothing (soft hyphen, marks of direction, byte order, halves of pairs).
_INVISIBLE = [
    *((0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x600, 0x605), (0x61C, 0x61C), (0x180E, 0x180E)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF)),
    *((0xFFF9, 0xFFFB), (0xE0001, 0xE007F)),
]
_CLEANED: dict[int, int | None] = {
    code: None for first, last in _INVISIBLE for code in range(first, last + 1)
}
_CLEANED |= {ord(sign): 0x20 for sign in "\t\n\r\x0b\x0c\x85\u2028\u2029"}
_CLEANED |= _ALPHANUMERIC
_TEXT_FORMULA = re.compile(r'="(.*)"')
_SEPARATORS = frozenset("、,;\uff0c\uff1b|\n\r")
_BRACKETS = {"(": 1, "\uff08": 1, "【": 1, ")": -1, "\uff09": -1, "】": -1}
_GAP = re.compile(r"(?<=[\u3400-\u9fff])[ \t\u3000]+(?=[\u3400-\u9fff])")
_SPACES = re.compile(r"\s+")
_POWER_OF_TEN = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_SAFE_INTEGER = 10**15
"""From here on a spreadsheet has lost the last digits of a number."""

_YES = frozenset({"是", "有", "对", "真", "√", "✓", "✔", "y", "yes", "true", "1", "1.0"})
_NO = NOTHING_WORDS | {"否", "不", "不是", "假", "×", "✗", "x", "n", "no", "false", "0", "0.0"}

_DIGITS = {sign: digit for digit, sign in enumerate("〇一二三四五六七八九")}
_DIGITS |= {"零": 0, "○": 0, "O": 0, "元": 1, "正": 1}
_DAY_SEPARATED = re.compile(
    r"(\d{4})\s*[-/.年\\]\s*(\d{1,2})\s*[-/.月\\]\s*(\d{1,2})\s*[日号]?(?:[T\s]+[\d:.]+)?"
)
_DAY_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_CHINESE = re.compile(
    r"([〇零○O一二三四五六七八九]{4})年([元正一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]?"
)
_HOUR = re.compile(
    r"(上午|下午|晚上|早上|中午)?\s*(\d{1,2})\s*[:时点]\s*(半|\d{1,2})?\s*分?(?::\d{1,2}(?:\.\d+)?)?"
)
_HOUR_DIGITS = re.compile(r"(\d{1,2}?)(\d{2})?")
_FIRST_SERIAL_DAY = date(1899, 12, 30)
_WRITE_A_DAY = "请写成2026-03-01这样的日期"
_WRITE_AN_HOUR = "请写成09:00这样的时间"
END_OF_DAY = time.max
"""24:00 as an hour: the last instant of a day."""


def is_blank(cell: Cell) -> bool:
    """Whether nothing is written in a cell."""
    return cell is None or (isinstance(cell, str) and not cell[:1].isalnum() and not _clean(cell))


def is_nothing(cell: Cell) -> bool:
    """Whether a cell says in words that there is nothing (无, —, /)."""
    return isinstance(cell, str) and len(cell) < 12 and _clean(cell) in NOTHING_WORDS


def _clean(words: str) -> str:
    """Without control and invisible characters, full-width letters, digits and spaces made narrow."""
    return _SPACES.sub(" ", words.translate(_CLEANED)).strip()


def shown(cell: Cell) -> str:
    """A cell as it is quoted in a sentence, at most 30 characters."""
    words = _clean(cell) if isinstance(cell, str) else str(cell)
    return words if len(words) <= 30 else words[:29] + "…"


def text_of_header(cell: Cell) -> str:
    """The words of a cell wherever they only name something: never refused."""
    return _clean(cell) if isinstance(cell, str) else shown(cell) if cell is not None else ""


def text(cell: Cell, longest: int = 200) -> str:
    """Words: numbers lose their .0; a formula's sign in front is refused."""
    words = _words(cell)
    if match := _TEXT_FORMULA.fullmatch(words):
        words = match[1]
    words = words.removeprefix("'").strip()
    if words.startswith(FORMULA_SIGNS):
        raise Unreadable(f"不能以“{words[0]}”开头,会被当成公式,请去掉")
    if len(words) > longest:
        raise Unreadable(f"最多{longest}个字,现在{len(words)}个,请缩短")
    return words


def _words(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float | int):
        return _number_words(cell)
    if isinstance(cell, date | time | timedelta):
        raise Unreadable(f"被表格软件改成了日期或时间({shown(cell)}),请把单元格设为“文本”再重新填写")
    return _clean(cell)


def _number_words(number: float) -> str:
    if isinstance(number, float) and not number.is_integer():
        return repr(number)
    if abs(number) >= _SAFE_INTEGER:
        raise Unreadable("被表格软件当成了数字,末几位已经丢失,请把单元格设为“文本”再重新填写")
    return str(int(number))


def code(cell: Cell, longest: int = 40) -> str:
    """A code: no spaces, full-width signs made narrow; only letters, digits, Chinese, `-`, `_` and `.`."""
    words = _SPACES.sub("", text(cell, 200).translate(_FULL_WIDTH)).replace("—", "-").replace("–", "-")
    if _POWER_OF_TEN.fullmatch(words):
        raise Unreadable("被表格软件写成了科学记数,位数已经丢失,请把单元格设为“文本”再重新填写")
    if strange := sorted({sign for sign in words if not (sign.isalnum() or sign in "-_.")}):
        raise Unreadable(f"含有不能用的符号“{''.join(strange[:5])}”,请只用字母、数字、“-”和“_”")
    if words.startswith(("-", ".")):
        raise Unreadable(f"不能以“{words[0]}”开头,请去掉")
    if len(words) > longest:
        raise Unreadable(f"最多{longest}个字符,现在{len(words)}个,请核对")
    return words


def parts(cell: Cell, longest: int = 200) -> tuple[str, ...]:
    """A list written in one cell with 、 , ; | or line breaks between; doubles and blanks left out.

    Signs inside brackets do not separate; a space does between two Chinese characters.
    """
    written = _split(cell) if isinstance(cell, str) else [cell]
    return tuple(dict.fromkeys(words for part in written if (words := text(part, longest))))


def _split(words: str) -> list[str]:
    found, depth = [""], 0
    for sign in _GAP.sub("、", words):
        depth = max(0, depth + _BRACKETS.get(sign, 0))
        if sign in _SEPARATORS and not depth:
            found.append("")
        else:
            found[-1] += sign
    return found


def codes(cell: Cell) -> tuple[str, ...]:
    """A list of codes in one cell; spaces separate here too."""
    words = _SPACES.sub("、", cell.strip()) if isinstance(cell, str) else cell
    return tuple(dict.fromkeys(code(part) for part in parts(words)))


def yes(cell: Cell) -> bool:
    """Yes or no, in the ways people write it."""
    if isinstance(cell, bool):
        return cell
    words = _words(cell).lower()
    if words in _YES:
        return True
    if words in _NO:
        return False
    raise Unreadable(f"不认识“{shown(cell)}”,请填“是”或“否”")


def chosen(cell: Cell, words_to_value: Mapping[str, str], may_be: str) -> str:
    """One of a few fixed values by any of its words; `may_be` lists them for the sentence."""
    words = _SPACES.sub("", text(cell).translate(_FULL_WIDTH))
    if words not in words_to_value:
        raise Unreadable(f"不认识“{shown(cell)}”,请填{may_be}中的一个")
    return words_to_value[words]


def day(cell: Cell) -> date:
    """A day: a date cell, a serial number, digits, or Chinese words; a year must be there."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return _day_of_number(cell)
    if not isinstance(cell, str):
        raise Unreadable(f"“{shown(cell)}”不是日期,{_WRITE_A_DAY}")
    words = _clean(cell).translate(_FULL_WIDTH).removeprefix("'")
    if words.isdecimal() and words.isascii() and len(words) == 5:
        return _day_of_number(int(words))
    return _day_of_words(words)


def _day_of_number(number: float) -> date:
    if 10_000 <= number < 80_000:
        return _FIRST_SERIAL_DAY + timedelta(days=int(number))
    if not math.isfinite(number):
        raise Unreadable(f"“{number}”不是日期,{_WRITE_A_DAY}")
    return _day_of_words(str(int(number)))


def _day_of_words(words: str) -> date:
    if match := _DAY_SEPARATED.fullmatch(words) or _DAY_DIGITS.fullmatch(words):
        year, month, number = (int(part) for part in match.groups()[:3])
    elif match := _DAY_CHINESE.fullmatch(words.replace(" ", "")):
        year = int("".join(str(_DIGITS[sign]) for sign in match[1]))
        month, number = _chinese_number(match[2]), _chinese_number(match[3])
    else:
        raise Unreadable(f"看不懂日期“{shown(words)}”,{_WRITE_A_DAY}")
    try:
        found = date(year, month, number)
    except ValueError:
        raise Unreadable(f"没有“{shown(words)}”这一天,请核对") from None
    if not 1949 <= year <= 2199:
        raise Unreadable(f"“{shown(words)}”的年份不对,请核对")
    return found


def _chinese_number(words: str) -> int:
    """1–99 in Chinese numerals (二十一, 十, 三)."""
    tens, ten, ones = words.rpartition("十")
    if not ten:
        return _DIGITS[words] if len(words) == 1 else 0
    if len(tens) > 1 or len(ones) > 1:
        return 0
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def hour(cell: Cell) -> time:
    """A time of day: a time cell, a fraction of a day, or words; 24:00 is `END_OF_DAY`."""
    if isinstance(cell, datetime):
        return cell.time()
    if isinstance(cell, time):
        return cell
    if isinstance(cell, timedelta):
        return _hour_of_minutes(round(cell.total_seconds() / 60), cell)
    if isinstance(cell, float) and 0 <= cell < 1:
        return _hour_of_minutes(round(cell * 24 * 60), cell)
    words = _words(cell).translate(_FULL_WIDTH) if not isinstance(cell, date) else ""
    if match := _HOUR.fullmatch(words):
        minutes = 30 if match[3] == "半" else int(match[3] or 0)
        return _hour_of_parts(match[1] or "", int(match[2]), minutes, cell)
    if match := _HOUR_DIGITS.fullmatch(words):
        return _hour_of_parts("", int(match[1]), int(match[2] or 0), cell)
    raise Unreadable(f"看不懂时间“{shown(cell)}”,{_WRITE_AN_HOUR}")


def _hour_of_parts(half: str, hours: int, minutes: int, cell: Cell) -> time:
    if hours < {"下午": 12, "晚上": 12, "中午": 3}.get(half, 0):
        hours += 12
    if minutes > 59:
        raise Unreadable(f"没有“{shown(cell)}”这个时间,{_WRITE_AN_HOUR}")
    return _hour_of_minutes(hours * 60 + minutes, cell)


def _hour_of_minutes(minutes: int, cell: Cell) -> time:
    if minutes == 24 * 60:
        return END_OF_DAY
    if not 0 <= minutes < 24 * 60:
        raise Unreadable(f"没有“{shown(cell)}”这个时间,{_WRITE_AN_HOUR}")
    return time(minutes // 60, minutes % 60)
