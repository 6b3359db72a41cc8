"""What a bulletin says of one month and one place: gathered once, then frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.assurance.queries import seals
from evalsys.dashboards import rules
from evalsys.dashboards.queries import bulletins, opened
from evalsys.dashboards.queries.opened import Opened, Place
from evalsys.dashboards.rules import sentences
from evalsys.dashboards.rules.bulletins import (
    GOOD,
    HALL,
    LEAST,
    UNIT,
    VERY,
    Content,
    NothingToSay,
    all_in_tens,
    corrections,
    funnels,
    in_tens,
    on_funnel,
    overdue_in_tens,
    parts_in_tens,
    rate_json,
    row_json,
    told_beside,
    twice_outside,
)
from evalsys.kernel import clock, site
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.periods import Closing
from evalsys.kernel.settings import Settings
from evalsys.kernel.words import N_
from evalsys.organisation.queries import directory, units
from evalsys.rectification.queries import chasing, figures
from evalsys.rectification.queries.lines import CaseLine
from evalsys.rectification.rules.lights import Light
from evalsys.scoring.queries import sums
from evalsys.scoring.rules.funnel import FAR_ABOVE, FAR_BELOW
from evalsys.scoring.rules.ranking import CHANNELS, DEPARTMENTS, Ranking

LOOKED_BACK = 6  # earlier bulletins whose numbers are compared with those of today
RED = frozenset({Light.RED, Light.RED_2, Light.RED_3})


@dataclass(frozen=True)
class Of:
    """What a bulletin is of: everything, a hall or a unit by its code, and the month."""

    kind: str
    code: str
    closing: Closing

    @property
    def place(self) -> Place:
        """The same as what is open knows it."""
        return Place(
            hall=self.code if self.kind == HALL else "", department=self.code if self.kind == UNIT else ""
        )


def content(session: Session | Connection, of: Of, settings: Settings, now: datetime) -> Content:
    """Everything a bulletin says; raises NothingToSay or BadFilter."""
    found = opened.opened(session, of.closing, of.place, settings)
    if not found.total.n:
        raise NothingToSay(N_("这个月还没有可以公布的数据,不能起草通报。"))
    live = sums.ranking(session, DEPARTMENTS, of.place.asked(of.closing), EVERYTHING, settings)
    return {
        "place": {"kind": of.kind, "code": of.code, "name": _name(session, of)},
        "period": _period(of.closing),
        "made_at": clock.local(now).isoformat(timespec="seconds"),
        "demo": site.is_demo(session),
        "least": LEAST,
        "formulas": {
            "version": found.formulas.version,
            "points": list(found.formulas.points),
            "min_n_rate": found.formulas.min_n_rate,
            "min_n_rank": found.formulas.min_n_rank,
        },
        "findings": [str(said) for said in _findings(found)],
        "total": row_json(found.total),
        "departments": [row_json(row) for row in found.departments],
        "windows": [row_json(row) for row in found.windows],
        "hidden": found.hidden,
        "volumes": _volumes(live, found.total.n),
        "handling": _handling(session, of, now),
        "overdue": _overdue(session, of, now),
        "corrections": _corrections(session, of, settings),
        "seal": _seal(session),
        **_lists(session, of, found, settings),
    }


def _findings(found: Opened) -> Sequence[sentences.Sentence]:
    return sentences.findings(found.total, rules.finding(found.ranking(DEPARTMENTS)))


def _name(session: Session | Connection, of: Of) -> str:
    if of.kind == HALL:
        return dict(directory.halls(session))[of.code]
    if of.kind == UNIT:
        named = directory.units_on(session, of.closing.period.last).values()
        return next(unit.name for unit in named if unit.code == of.code)
    return N_("全部大厅")


def _period(closing: Closing) -> Content:
    period = closing.period
    return {
        "name": closing.name,
        "year": closing.year,
        "month": closing.number,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
    }


def _volumes(live: Ranking, opened_n: int) -> Content:
    """How many ratings and services there were: live, so in whole tens."""
    total, served = live.total, live.total.served
    by_channel = {name: (split.n if (split := total.tally.channels[name]) else 0) for name in CHANNELS}
    n, rated = all_in_tens(total.n, opened_n), in_tens(served.rated)
    return {
        "n": n,
        "channels": parts_in_tens(by_channel, n or 0),
        "services": served.services if served.known else None,
        "rated": rated and min(rated, n or 0) if served.known else None,
        "held": in_tens(live.held),
        "excluded": in_tens(live.excluded),
    }


def _codes(session: Session | Connection, of: Of) -> frozenset[str] | None:
    """The codes of the units a bulletin is of; None is all of them."""
    if of.kind != UNIT:
        return None
    by_code = units.unit_codes(session)
    below = units.subtree(session, by_code[of.code])
    return frozenset(code for code, unit in by_code.items() if unit in below)


def _handling(session: Session | Connection, of: Of, now: datetime) -> list[Content] | None:
    """The figures of bad reviews by the unit that handles them; None for one hall of several."""
    if of.kind == HALL and len(directory.halls(session)) > 1:
        return None
    codes = _codes(session, of)
    found = figures.figures(session, of.closing.period, figures.BAD_REVIEW, LEAST, now)
    # Of all units, in a unit's own bulletin too: the two lie side by side.
    told = {
        figure: told_beside(
            total.denominator, {unit.code: unit.rates[figure].denominator for unit in found.units}
        )
        for figure, total in found.total.rates.items()
    }
    shown = [unit for unit in found.units if codes is None or unit.code in codes]
    rows = [found.total, *shown] if codes is None else shown
    return [
        {
            "code": unit.code,
            "name": unit.name or N_("合计"),
            "rates": {
                figure.value: rate_json(rate) if not unit.code or unit.code in told[figure] else None
                for figure, rate in unit.rates.items()
            },
        }
        for unit in rows
    ]


def _overdue(session: Session | Connection, of: Of, now: datetime) -> list[Content]:
    """The units with cases that ran out by the month's end and are open still, and how many, in tens."""
    codes = _codes(session, of)

    def is_of(line: CaseLine) -> bool:
        if of.kind == HALL:
            return bool(line.window) and str(line.window).startswith(f"{of.code}-")
        return codes is None or line.department_code in codes

    rows = []
    for unit in chasing.chase_list(session, of.closing.period.last, now):
        late = [line for line in unit.lines if line.light in RED and is_of(line)]
        if late:
            worst = sum(line.light == Light.RED_3 for line in late)
            n, of_them = overdue_in_tens(len(late), worst)
            rows.append({"code": unit.unit_code, "name": unit.unit, "n": n, "worst": of_them})
    return rows


def _corrections(session: Session | Connection, of: Of, settings: Settings) -> list[Content]:
    issues = bulletins.earlier(session, of.kind, of.code, of.closing.starts, LOOKED_BACK)
    today = {
        one.closing.name: _open_numbers(session, Of(of.kind, of.code, one.closing), settings)
        for one in issues
    }
    return corrections([(one.public_id, one.closing.name, one.content) for one in issues], today)


def _seal(session: Session | Connection) -> Content | None:
    """The latest seal, which everything sealed before it hangs on: printed, it is out of our hands."""
    last = seals.last_seal(session)
    return {"day": last.day.isoformat(), "seal": last.seal.hex()} if last else None


def _open_numbers(session: Session | Connection, of: Of, settings: Settings) -> Mapping[str, tuple[str, int]]:
    found = opened.opened(session, of.closing, of.place, settings)
    return {row.named.code: (row.named.name, row.n) for row in found.windows}


def _lists(session: Session | Connection, of: Of, found: Opened, settings: Settings) -> Content:
    """The funnel of the windows among their whole groups, and who is outside it for the second time."""
    past = opened.before(of.closing)
    everywhere = opened.opened(session, of.closing, Place(), settings)
    earlier = opened.opened(session, past, Place(), settings)
    groups = funnels(everywhere.windows, found.formulas)
    drawn = on_funnel(found.windows, groups, found.formulas)
    shown = {point["group"] for point in drawn}

    def twice(measure: str, side: str) -> list[Content]:
        now, before = (
            on_funnel(rows, funnels(all_rows, found.formulas, measure), found.formulas, measure)
            for rows, all_rows in ((found.windows, everywhere.windows), (earlier.windows, earlier.windows))
        )
        return twice_outside(now, before, side, measure)

    black = twice(GOOD, FAR_BELOW)
    blamed = {point["code"] for point in black}
    red = [point for point in twice(VERY, FAR_ABOVE) if point["code"] not in blamed]
    return {
        "funnel": {
            "groups": [
                {"group": group, "mean": funnel.mean, "dispersion": funnel.dispersion}
                for group, funnel in sorted(groups.items())
                if group in shown
            ],
            "points": drawn,
        },
        "lists": {"red": red, "black": black},
    }
