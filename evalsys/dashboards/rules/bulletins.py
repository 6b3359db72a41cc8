"""Bulletins: who writes and who passes them, in which order, and how their content is frozen."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from evalsys.kernel.access import Permission
from evalsys.kernel.proportions import Rate
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.funnel import ALARM, WARNING, Funnel, funnel_of
from evalsys.scoring.rules.ranking import Row, json_of

SEE_BULLETINS = Permission("see-bulletins", frozenset({"leadership", "supervisor", "auditor"}))
WRITE_BULLETINS = Permission("write-bulletins", frozenset({"leadership", "supervisor"}))

ALL, HALL, UNIT = "all", "hall", "unit"
PLACES = (ALL, HALL, UNIT)
APPROVE, PUBLISH, DROP = "approve", "publish", "drop"
# The rates of the lists: nearly all are good, so only the very satisfied can stand out above.
GOOD, VERY = "good", "very_satisfied"
LEAST = 10  # what is smaller is not said on a public page

_KEPT = ("code", "name", "department", "n", "levels", "good", "very_satisfied", "bad", "score", "enough_rate")

Content = dict[str, Any]


class NotInThisState(Refused):
    """A step that the bulletin's state does not allow."""

    status = 409


class NeedsAnother(Refused):
    """A step that somebody else has to take."""

    status = 403


class NothingToSay(Refused):
    """A bulletin of a period or a place of which nothing is open."""


def canonical(content: Mapping[str, Any]) -> str:
    """The content as JSON with sorted keys and no spaces: the same bytes wherever it is written."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256_of(text: str) -> str:
    """The SHA-256 of a canonical content, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def check_step(act: str, taken: Mapping[str, int], drafted_by: int | None, by: int) -> None:
    """Refuse a step out of order, and one by whoever took the step before it.

    `taken` says who took which steps. A draft is approved by somebody else than its writer, and published by
    somebody else than who approved it: two people at least stand behind every bulletin.
    """
    if DROP in taken or PUBLISH in taken:
        raise NotInThisState(N_("这期通报已经发布或作废,不能再改。要更正,请写在下一期。"))
    if act == APPROVE and APPROVE in taken:
        raise NotInThisState(N_("这期通报已经审核过。"))
    if act == PUBLISH and APPROVE not in taken:
        raise NotInThisState(N_("这期通报还没有审核,不能发布。"))
    if act == APPROVE and by == drafted_by:
        raise NeedsAnother(N_("自己写的通报要由另一个人审核。"))
    if act == PUBLISH and by == taken[APPROVE]:
        raise NeedsAnother(N_("自己审核的通报要由另一个人发布。"))


def state_of(taken: Collection[str]) -> str:
    """The state after some steps: draft, approved, published or dropped."""
    for act, state in ((DROP, "dropped"), (PUBLISH, "published"), (APPROVE, "approved")):
        if act in taken:
            return state
    return "draft"


STATE_WORDS = {
    "draft": N_("草稿"),
    "approved": N_("已审核"),
    "published": N_("已发布"),
    "dropped": N_("已作废"),
}


def row_json(row: Row) -> Content:
    """A row as the JSON interface says it, without what is never opened."""
    said = json_of(row)
    low_high = row.score_interval
    return {name: said[name] for name in _KEPT} | {
        "group": row.named.group,
        "short": row.named.department_short,
        "score_interval": list(low_high) if low_high else None,
    }


def rate_json(rate: Rate) -> Content | None:
    """A rate with its parts; None where fewer than ten stand behind it."""
    if rate.denominator < LEAST:
        return None
    return {"numerator": rate.numerator, "denominator": rate.denominator, "rate": rate.rate}


def in_tens(n: int | None) -> int | None:
    """A live count as it may be said: 0, or whole tens; None is fewer than ten, or not known.

    Whatever is open could else be subtracted from it, and what is left be the few that are not open.
    """
    return None if n is None or 0 < n < LEAST else n // LEAST * LEAST


def all_in_tens(n: int, opened: int) -> int | None:
    """All ratings in whole tens; where a few more or fewer are open, the open ones in whole tens.

    300 beside 291 open ones would say that there are nine at least that are not open.
    """
    return in_tens(opened if abs(n - opened) < LEAST else n)


def parts_in_tens(parts: Mapping[str, int], most: int) -> dict[str, int | None]:
    """The parts in whole tens, together no more than `most`: more would tell what all in tens do not."""
    said = {name: n // LEAST * LEAST for name, n in parts.items()}
    while sum(said.values()) > most:
        said[max(said, key=lambda name: (said[name], name))] -= LEAST
    return {name: said[name] or (None if n else 0) for name, n in parts.items()}


def overdue_in_tens(n: int, worst: int) -> tuple[int | None, int | None]:
    """A live count of cases and the worst of it as public pages may say them, in whole tens.

    A department's or a hall's own exact count could be subtracted from that of all: 25 less 16 are nine.
    """
    return in_tens(n), None if n < LEAST else in_tens(worst)


def told_beside(total: int, parts: Mapping[str, int]) -> frozenset[str]:
    """The parts that may be said beside their total: none of fewer than ten, and none that tell of so few.

    Where those left out add up to 1-9, the smallest of the others is left out with them.
    """
    told = {name for name, n in parts.items() if n >= LEAST}
    while told and 0 < total - sum(parts[name] for name in told) < LEAST:
        told.remove(min(told, key=lambda name: (parts[name], name)))
    return frozenset(told)


def funnels(rows: Sequence[Row], formulas: Formulas, measure: str = GOOD) -> Mapping[str, Funnel]:
    """The funnel of a rate in each comparison group with enough windows; leaders' duty is left out."""
    groups: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        if row.n >= formulas.min_n_rate and not row.named.leader_duty:
            groups.setdefault(row.named.group, []).append((_times(row, measure), row.n))
    found = {group: funnel_of(rates) for group, rates in groups.items()}
    return {group: funnel for group, funnel in found.items() if funnel is not None}


def _times(row: Row, measure: str) -> int:
    rate = row.very_satisfied if measure == VERY else row.good
    return rate.numerator


def on_funnel(
    rows: Sequence[Row], of_groups: Mapping[str, Funnel], formulas: Formulas, measure: str = GOOD
) -> list[Content]:
    """Where the rows lie in the funnels of their groups, with the limits for their number of ratings."""
    return [
        {
            "code": row.named.code,
            "name": row.named.name,
            "group": row.named.group,
            "n": row.n,
            measure: _times(row, measure),
            "limits95": list(funnel.limits(row.n, WARNING)),
            "limits998": list(funnel.limits(row.n, ALARM)),
            "side": funnel.side(_times(row, measure), row.n),
        }
        for row in rows
        if row.n >= formulas.min_n_rate
        and not row.named.leader_duty
        and (funnel := of_groups.get(row.named.group)) is not None
    ]


def twice_outside(
    now: Sequence[Content], before: Sequence[Content], side: str, measure: str = GOOD
) -> list[Content]:
    """Who is twice in a row outside the 99.8 % limit on one side."""
    past = {point["code"]: point["side"] for point in before}
    return [
        {name: point[name] for name in ("code", "name", "n", measure)}
        for point in now
        if point["side"] == side == past.get(point["code"])
    ]


def corrections(
    earlier: Sequence[tuple[str, str, Content]], now: Mapping[str, Mapping[str, tuple[str, int]]]
) -> list[Content]:
    """What earlier bulletins said of a place and what is open today, where the two differ.

    `earlier` are (public id, period, content); `now` is by period and window its name and the number of
    ratings open. What was not open yet is said to have been 0.
    """
    found: list[Content] = []
    for public_id, period, content in earlier:
        said = {row["code"]: (row["name"], row["n"]) for row in content["windows"]}
        today = now.get(period, {})
        for code in sorted(said.keys() | today.keys()):
            name = (said.get(code) or today[code])[0]
            was, is_now = (there.get(code, (name, 0))[1] for there in (said, today))
            if is_now != was:
                which = {"bulletin": public_id, "period": period, "code": code, "name": name}
                found.append(which | {"was": was, "now": is_now})
    return found
