"""Builds the demo: the hall by its import, accounts, codes, then the ratings batch by batch."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys import wiring
from evalsys.assurance.actions import signals
from evalsys.demo import accounts, known, orders, plan, reports, sheets
from evalsys.demo.cases import work_off
from evalsys.demo.decisions import decide, decisions
from evalsys.demo.hall import HALL_CODE
from evalsys.demo.hands import Hands
from evalsys.demo.known import Known
from evalsys.demo.opinions import Tag
from evalsys.demo.people import CLERK
from evalsys.demo.plan import DemoPlan
from evalsys.demo.ratings import Givers
from evalsys.demo.rota import OPEN_BY_WEEKDAY
from evalsys.demo.scene import Scene
from evalsys.demo.visits import Heard
from evalsys.evaluation.actions import codes
from evalsys.evaluation.queries import ratings
from evalsys.evaluation.rules import LEVELS
from evalsys.kernel import clock, database, jobs, site, writer
from evalsys.kernel.refusals import Refused
from evalsys.kernel.sheets.files import Sheet, Workbook
from evalsys.organisation.actions.imports import Source, apply_import
from evalsys.organisation.queries import units
from evalsys.organisation.queries.halls import hall_by_code
from evalsys.organisation.queries.imports import import_draft
from evalsys.rectification.queries.waiting import new_cases
from evalsys.worktime import queries as worktime
from evalsys.worktime.actions import set_hall_hours

BATCH = 1_000


class NotADemo(Refused):
    """This place is a real site: a demo is never mixed into it."""


Progress = Callable[[int], object]


def build(wanted: DemoPlan, progress: Progress) -> DemoPlan:
    """Make the demo, or finish the one that was begun here; `progress` is told of each batch's size.

    Returns the plan in force: that of an earlier call stays. Raises NotADemo on a real site.
    """
    with database.transaction() as session:
        kind = site.kind(session)
        if kind == site.REAL or (kind is None and units.unit_codes(session)):
            raise NotADemo("这里是正式站点,不能放演示数据。请换一个空的位置(EVALSYS_INSTANCE)再试。")
        kept = plan.kept(session)
        present = kept or wanted
        scene = _scene(session, present)
        if kept is None:
            _furnish(session, scene)
        hall = known.known_hall(session, scene.items, present.today)
        done = plan.given(session)
    if done == plan.DONE:
        progress(present.ratings)
        return present
    progress(done)
    _give(scene, Givers(hall, present.seed), done, progress)
    with database.transaction() as session:
        _finish(session, scene, hall, Givers(hall, present.seed))
    return present


def _scene(session: Session, present: DemoPlan) -> Scene:
    working_days = frozenset(day for day in present.days_of_rota() if worktime.is_working_day(session, day))
    tags = tuple(
        Tag(tag.code, level.value, tag.attribution, tag.shown_first)
        for level in LEVELS
        for tag in ratings.tags_of_level(session, level.value)
    )
    return Scene(present, working_days, tags)


def _furnish(session: Session, scene: Scene) -> None:
    """Import the hall, give every window its code and every role its account."""
    now = clock.now()
    site.declare(session, site.DEMO)
    plan.keep(session, scene.plan)
    handed_in = sheets.sheets(scene.windows, scene.staff, scene.items, scene.rota.shifts)
    draft = import_draft(session, Workbook(tuple(handed_in)), scene.plan.today)
    apply_import(session, draft.plan, Source("演示数据", _fingerprint(handed_in)), None, now)
    session.flush()
    _open_hall(session)
    codes.ensure_codes(session, now)
    hall = known.known_hall(session, scene.items, scene.plan.today)
    clerk = next(person for person in scene.staff.people if person.part == CLERK)
    accounts.create_accounts(session, scene.plan.seed, clerk.staff_no, hall)


def _open_hall(session: Session) -> None:
    found = hall_by_code(session, HALL_CODE)
    if found is not None:
        set_hall_hours(session, found.id, OPEN_BY_WEEKDAY, None)


def _fingerprint(handed_in: Iterable[Sheet]) -> str:
    digest = hashlib.sha256()
    for sheet in handed_in:
        digest.update(repr((sheet.name, sheet.rows)).encode())
    return digest.hexdigest()


def _give(scene: Scene, givers: Givers, done: int, progress: Progress) -> None:
    for first, batch in _batches(scene.heard()):
        if first >= done:
            writer.run(_give_batch, givers, first, batch)
            progress(len(batch))


def _batches(heard: Iterator[Heard]) -> Iterator[tuple[int, list[Heard]]]:
    first = 0
    while batch := list(islice(heard, BATCH)):
        yield first, batch
        first += len(batch)


def _give_batch(connection: Connection, givers: Givers, first: int, batch: list[Heard]) -> None:
    givers.give(connection, first, batch)
    plan.note_given(connection, first + len(batch))


def _finish(session: Session, scene: Scene, hall: Known, givers: Givers) -> None:
    """Decide on some of the suspicious ratings, work what is to be worked, and note that all is there."""
    now, hands = clock.now(), Hands(session)
    numbers = {heard: number for number, heard in enumerate(scene.heard())}
    decided = [
        (givers.root_of(numbers[heard]), heard, standing, reason)
        for heard, standing, reason in decisions(scene.plants)
    ]
    deciders = accounts.account_id(session, "supervisor"), accounts.account_id(session, "leadership")
    decide(session.connection(), decided, deciders, now)
    work_off(session, hands, new_cases(session), scene.plan.seed, now)
    # Without ratings it is a hall nobody has been to yet.
    if scene.plan.ratings:
        reports.report(session, scene, hall, hands, now)
        orders.order(session, scene, hands, now)
    # The week before is gone through at once, as long as the traces are there.
    while signals.find_signals(session, now) is not None:
        pass
    for job in jobs.due(session, wiring.TIMED, now):
        jobs.perform(session, job, now)
    plan.note_given(session, plan.DONE)
