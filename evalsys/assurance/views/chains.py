"""A rating's rows in the hall's words, for the auditor: without hours, codes or anybody's identity."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from evalsys.assurance.queries.seal_proofs import Proof
from evalsys.assurance.queries.spot_checks import Chain
from evalsys.assurance.rules import drawing
from evalsys.assurance.views import words
from evalsys.evaluation.queries import records
from evalsys.evaluation.queries.entries import Entry
from evalsys.evaluation.queries.records import Said
from evalsys.evaluation.rules import CHANNEL_WORDS, DONE_WORDS, LEVEL_BY_VALUE, STANDING_WORDS
from evalsys.kernel import clock
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.masking import masked
from evalsys.organisation.queries import directory

Lines = list[tuple[str, str]]


@dataclass(frozen=True)
class Shown:
    """One row as it is shown: what it is, what it says line by line, and its proof."""

    title: str
    lines: Lines
    proof: Proof | None


@dataclass(frozen=True)
class _Around:
    """What the rows of a rating name by number."""

    people: Mapping[int, str]
    staff: Mapping[int, str]
    windows: Mapping[int, str]
    said: Said


def in_words(chain: Chain) -> list[Shown]:
    """Every row of a rating in words, in the order in which they are kept."""
    around = _around([link.entry for link in chain.links])
    shown = []
    for link in chain.links:
        title, lines = _WAYS[link.entry.kind](link.entry, around)
        shown.append(Shown(title, [(label, said) for label, said in lines if said], link.proof))
    return shown


def _around(rows: list[Entry]) -> _Around:
    days = [date.fromisoformat(row.says["counts_on"]) for row in rows if row.kind == "rating"]
    day = min(days, default=clock.today())
    deciders = [row.says.get(name) for row in rows for name in ("proposed_by", "decided_by")]
    return _Around(
        words.names(deciders),
        {number: person.name for number, person in directory.staff_on(db.session(), day).items()},
        {number: window.code for number, window in words.windows().items()},
        records.said_with(db.session(), sorted({row.rating_id for row in rows})),
    )


def _rating(row: Entry, around: _Around) -> tuple[str, Lines]:
    says = row.says
    half_day = _("上午") if says["half_day"] == "am" else _("下午")
    return _word(drawing.KIND_WORDS, says, "kind"), [
        (_("等级"), _level(says["level"])),
        (_("日期"), f"{says['counts_on']} {half_day}"),
        (_("窗口"), around.windows.get(says["window_id"], "")),
        (_("渠道"), _word(CHANNEL_WORDS, says, "channel")),
        (_("入口"), _word(drawing.ENTRY_WORDS, says, "entry")),
        (_("来源"), _word(drawing.ORIGIN_WORDS, says, "origin")),
        (_("凭证等级"), says["evidence"]),
    ]


def _reasons(row: Entry, around: _Around) -> tuple[str, Lines]:
    says, (tags, texts) = row.says, around.said
    key = row.rating_id, row.seq
    return _("补充的原因"), [
        (_("标签"), _(";").join(tag.plain for tag in tags.get(key, ()))),
        (_("办成了吗"), _word(DONE_WORDS, says, "done") if says["done"] else ""),
        (_("效率"), _level(says["efficiency"])),
        (_("态度"), _level(says["manner"])),
        (_("原话"), masked(texts.get(key, ""))),
    ]


def _word(known: Mapping[Any, str], says: Mapping[str, Any], fact: str) -> str:
    return _(known[says[fact]])


def _level(value: int | None) -> str:
    return "" if value is None else _(LEVEL_BY_VALUE[value].words)


def _attribution(row: Entry, around: _Around) -> tuple[str, Lines]:
    says = row.says
    return _("归属"), [
        (_("人员"), around.staff.get(says["staff_id"], "") or _("未对应到人")),
        (_("怎么得来"), _word(drawing.HOW_WORDS, says, "how")),
        (_("理由"), says["reason"]),
        *_deciders(row, around),
    ]


def _standing(row: Entry, around: _Around) -> tuple[str, Lines]:
    says = row.says
    return _("计入与否的决定"), [
        (_("决定"), _word(STANDING_WORDS, says, "standing")),
        (_("理由"), masked(says["reason"])),
        (_("时间"), _time(says["at"])),
        *_deciders(row, around),
    ]


def _deciders(row: Entry, around: _Around) -> Lines:
    proposed, decided = (around.people.get(row.says[name] or 0, "") for name in ("proposed_by", "decided_by"))
    return [(_("提出人"), proposed), (_("决定人"), decided)]


def _finding(row: Entry, _around: _Around) -> tuple[str, Lines]:
    cause = _word(drawing.CAUSE_WORDS, row.says, "cause")
    return _("核实的原因"), [(_("属于"), cause), (_("时间"), _time(row.says["at"]))]


def _redaction(row: Entry, _around: _Around) -> tuple[str, Lines]:
    return _("隐去原话"), [(_("时间"), _time(row.says["redacted_at"]))]


def _time(kept: str) -> str:
    return clock.shown(datetime.fromisoformat(kept))


_WAYS = {
    "rating": _rating,
    "reasons": _reasons,
    "attribution": _attribution,
    "standing": _standing,
    "finding": _finding,
    "redaction": _redaction,
}
