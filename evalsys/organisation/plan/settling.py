"""How rows of any sheet are settled against what stands: references, doubles, what must be given."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeVar, cast

from evalsys.kernel.sheets.files import Fault
from evalsys.organisation.plan.rows import Changes, StaffRow, WindowRow
from evalsys.organisation.workbook.tables import Record

Row = TypeVar("Row")

_MOST_HINTS = 50
"""Looking for something alike is slow: a sheet wrong all through gets hints for its first rows only."""
_WINDOW_WORDS = re.compile(r"(号窗口|号窗|窗口|号)$")


@dataclass
class Findings:
    """What is wrong with rows, and what is only worth saying."""

    faults: list[Fault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def fault(self, record: Record, name: str | None, message: str) -> None:
        """Note a fault of a record at one of its fields; without words there is nothing to say."""
        if message:
            self.faults.append(record.table.fault(record.row, name, message))


class Index:
    """The codes of one kind of thing by every word it may be named with, the first word being the usual one.

    `doubtful` words belong to rows that are faulty themselves: whoever names them is not at fault.
    """

    def __init__(self, what: str, named: Mapping[str, Sequence[str]], doubtful: Iterable[str] = ()) -> None:
        self.what = what
        self._doubtful = {_folded(word) for word in doubtful}
        self.codes = set(named)
        self._by_word: dict[str, set[str]] = defaultdict(set)
        for code, words in named.items():
            for word in words:
                self._by_word[_folded(word)].add(code)
        self._usual = {_folded(word): words[0] for words in named.values() for word in words}
        self._usual |= {_folded(code): code for code in named}
        self._hints: dict[str, str] = {}

    def codes_of(self, word: str) -> set[str]:
        """Every code a word may mean; a code itself means only itself."""
        return {word} if word in self.codes else self._by_word.get(_folded(word), set())

    def find(self, word: str) -> tuple[str | None, str]:
        """The one code a word means, or None and the sentence that says why not."""
        found = self.codes_of(word)
        if len(found) == 1:
            return next(iter(found)), ""
        if found:
            return None, f"有几个{self.what}都叫“{word}”,请改填代码({'、'.join(sorted(found))})"
        if _folded(word) in self._doubtful:
            return None, ""
        return None, f"没有{self.what}“{word}”{self._hint(word)}"

    def _hint(self, word: str) -> str:
        if word not in self._hints and len(self._hints) < _MOST_HINTS:
            alike = get_close_matches(_folded(word), sorted(self._usual), n=1, cutoff=0.5)
            usual = self._usual[alike[0]] if alike else ""
            self._hints[word] = f",是不是“{usual}”?请核对" if usual else ",请核对,或先把它加上"
        return self._hints.get(word, ",请核对")


@dataclass(frozen=True)
class Directory:
    """Everything a row may refer to, as it would stand after the import."""

    units: Index
    halls: Index
    windows: Index
    staff: Index
    windows_by_code: Mapping[str, WindowRow]
    staff_by_no: Mapping[str, StaffRow]


def _folded(word: str) -> str:
    """Brackets, spaces and case aside, so that 规划局(不动产) finds its full-width twin."""
    return word.translate({0xFF08: "(", 0xFF09: ")", 0x20: None}).casefold()


def resolve(record: Record, name: str, index: Index, findings: Findings) -> dict[str, str]:
    """The field with the code its word means; nothing, and a fault, where it means none."""
    word = record.values.get(name)
    if not word:
        return {} if word is None else {name: word}
    code, why = index.find(word)
    if code is None:
        findings.fault(record, name, why)
        return {}
    return {name: code}


def window_of(word: str, hall: str | None, index: Index) -> tuple[str | None, str]:
    """The window a word means, within a hall where one is given; “24号窗口” means 24."""
    plain = _WINDOW_WORDS.sub("", word)
    for spelling in (word, plain):
        if hall is not None and f"{hall}-{spelling}" in index.codes:
            return f"{hall}-{spelling}", ""
        if len(index.codes_of(spelling)) == 1:
            return index.find(spelling)
    found, why = index.find(plain or word)
    return found, why.replace("请改填代码", "请写明大厅,或改填代码")


def settle(
    records: Sequence[Record],
    key_of: Callable[[Record], str | None],
    present: Callable[[str, Record], Row | None],
    drawn: Callable[[Record, Row | None], Row],
    findings: Findings,
) -> Changes[Row]:
    """Every record against what stands: new, changed or unchanged; doubles and gaps become faults."""
    first: dict[str, Record] = {}
    created: list[Row] = []
    changed: list[tuple[Row, Row]] = []
    unchanged: list[Row] = []
    for record in records:
        key = key_of(record)
        if key is None:
            continue
        if key in first:
            findings.fault(record, None, f"“{key}”{_place_of(first[key], record)}已经有了,请删掉重复的一行")
            continue
        first[key] = record
        before = present(key, record)
        if before is None:
            _ask_for_required(record, findings)
        after = drawn(record, before)
        _check_days(record, after, findings)
        if before is None:
            created.append(after)
        elif after == before:
            unchanged.append(after)
        else:
            changed.append((before, after))
    return Changes(tuple(created), tuple(changed), tuple(unchanged))


def _place_of(earlier: Record, later: Record) -> str:
    sheet = "" if earlier.table is later.table else f"“{earlier.table.sheet}”"
    return f"在{sheet}第{earlier.row}行"


def _ask_for_required(record: Record, findings: Findings) -> None:
    for column in record.table.columns.values():
        name = column.field
        if column.is_required and name not in record.values and name not in record.unreadable:
            findings.fault(record, name, f"新增的{record.table.kind}要填{column.name},请补上")


def _check_days(record: Record, row: object, findings: Findings) -> None:
    first: date | None = getattr(row, "from_day", None)
    last: date | None = getattr(row, "to_day", None)
    if first is not None and last is not None and last < first:
        name = "to_day" if "to_day" in record.values else "from_day"
        findings.fault(record, name, "停用日期要晚于启用日期,请核对")


def with_values(row: Row, values: Mapping[str, Any]) -> Row:
    """The row with other values for some of its fields."""
    return cast(Row, replace(cast(Any, row), **values))
