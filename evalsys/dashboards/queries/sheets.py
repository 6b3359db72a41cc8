"""The sheets of figures beside the rankings, for those who see live sums."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from evalsys.dashboards.queries import Reader
from evalsys.dashboards.rules import answers, besides
from evalsys.dashboards.rules.sheets import Sheet
from evalsys.kernel.periods import Period
from evalsys.kernel.words import N_
from evalsys.organisation.queries import units
from evalsys.scoring.queries import about_clerks, done, naming, sums, tagging
from evalsys.scoring.rules.asking import BadFilter, Filter, filter_asked
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, SUBJECTS, WINDOWS, Ranking


@dataclass(frozen=True)
class Shown:
    """A sheet with the days it is of, what its lines are, and the formulas behind it."""

    sheet: Sheet
    period: Period
    subject: str
    formulas: Formulas


def participation(session: Session, reader: Reader, said: Mapping[str, str]) -> Shown:
    """Services, rated and unrated by window, clerk or department."""
    return _of_ranking(session, reader, said, besides.participation)


def compared(session: Session, reader: Reader, said: Mapping[str, str]) -> Shown:
    """This period beside the one before by window, clerk or department."""
    return _of_ranking(session, reader, said, besides.compared)


def _of_ranking(
    session: Session, reader: Reader, said: Mapping[str, str], sheet: Callable[..., Sheet]
) -> Shown:
    subject = said.get("by", "").strip() or DEPARTMENTS
    if subject not in SUBJECTS:
        raise BadFilter(N_("没有“{code}”这一项,可选:{known}。"), code=subject[:40], known="、".join(SUBJECTS))
    asked = filter_asked(said, reader.today)
    ranking = sums.ranking(session, subject, asked, reader.actor.scope, reader.settings)
    above = _above(session, ranking) if subject == DEPARTMENTS else frozenset[str]()
    return Shown(sheet(ranking, above), ranking.period, subject, ranking.formulas)


def _above(session: Session, ranking: Ranking) -> frozenset[str]:
    """The units above others that have a row in a ranking of departments."""
    parents, found = units.parents(session), set[str]()
    for row in ranking.rows:
        above = parents.get(row.named.code)
        while above and above not in found:
            found.add(above)
            above = parents.get(above)
    return frozenset(found)


def done_at_windows(session: Session, reader: Reader, said: Mapping[str, str]) -> Shown:
    """一次办成率 by window."""
    asked, formulas = filter_asked(said, reader.today), sums.formulas_of(reader.settings)
    ground = naming.ground(session, WINDOWS, asked, reader.actor.scope)
    sheet = answers.done_sheet(WINDOWS, done.done_at_windows(session, ground), formulas.min_n_rate)
    return Shown(sheet, asked.period, WINDOWS, formulas)


def done_by_item(session: Session, reader: Reader, said: Mapping[str, str]) -> Shown:
    """一次办成率 by item."""
    asked, formulas = _without_places(said, reader), sums.formulas_of(reader.settings)
    ground = naming.ground(session, DEPARTMENTS, asked, reader.actor.scope)
    sheet = answers.done_sheet(answers.ITEMS, done.done_by_item(session, ground), formulas.min_n_rate)
    return Shown(sheet, asked.period, answers.ITEMS, formulas)


def tags(session: Session, reader: Reader, said: Mapping[str, str]) -> Shown:
    """The tags chosen by what they are about, with the items they point to."""
    asked = _without_places(said, reader)
    ground = naming.ground(session, DEPARTMENTS, asked, reader.actor.scope)
    sheet = answers.tags_sheet(tagging.chosen_tags(session, ground))
    return Shown(sheet, asked.period, "tags", sums.formulas_of(reader.settings))


def own(session: Session, reader: Reader, said: Mapping[str, str]) -> Shown:
    """Bad reviews by clerk: the clerk's own, of other causes, unsaid."""
    plain = filter_asked(said, reader.today)
    asked = Filter(plain.period, department=plain.department, hall=plain.hall, window=plain.window)
    formulas = sums.formulas_of(reader.settings)
    ground = naming.ground(session, STAFF, asked, reader.actor.scope)
    sheet = answers.blamed_sheet(about_clerks.bad_reviews(session, ground), formulas.min_n_rate)
    return Shown(sheet, asked.period, STAFF, formulas)


def _without_places(said: Mapping[str, str], reader: Reader) -> Filter:
    """The days and the department alone: items have neither window nor channel."""
    plain = filter_asked(said, reader.today)
    return Filter(plain.period, department=plain.department)


SHEETS: Mapping[str, Callable[[Session, Reader, Mapping[str, str]], Shown]] = {
    "tags": tags,
    "participation": participation,
    "done": done_at_windows,
    "items": done_by_item,
    "own": own,
    "compared": compared,
}
