"""What the demo's visitors could not get done, and how far the desk has come with each."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.demo import fates
from evalsys.demo.callers import caller
from evalsys.demo.hands import Act, Hands, walk
from evalsys.demo.known import Known
from evalsys.demo.scene import Scene
from evalsys.desk.actions.reports import give_term, take_report
from evalsys.desk.queries import reports
from evalsys.desk.rules.reports import NewReport, ReportType
from evalsys.kernel import clock
from evalsys.organisation.queries.places import Place
from evalsys.rectification.rules.states import State

_OPENS = time(9, 30)
_LOOKED_AT = timedelta(minutes=25)
# The latest first: where each stops; what is older went its course.
_STOPS = (
    (),
    (),
    fates.WAYS[State.TRIAGED],
    fates.WAYS[State.DISPATCHED],
    fates.WAYS[State.ACCEPTED],
    fates.WAYS[State.RECTIFYING],
    fates.WAYS[State.SUBMITTED],
    fates.WAYS[State.CALLBACK],
)


@dataclass(frozen=True)
class Stuck:
    """One thing that could not be done: at which window, of what type, in whose words, with what term."""

    window: str
    type: ReportType
    matter: str
    text: str
    profile: str


STUCK = (
    Stuck("A09", ReportType.REFUSED, "个体户注销", "清单上的材料都带了,窗口说还差一份证明", "not-done-now"),
    Stuck("B07", ReportType.SYSTEM, "开票额度调整", "系统提示失败三天了,每次都让改天再来", "not-done-5"),
    Stuck("C12", ReportType.LATE, "社保关系转移", "说好十五个工作日,现在一个多月没有消息", "not-done-5"),
    Stuck("B40", ReportType.BETWEEN_UNITS, "房屋过户", "两个单位都说要对方先盖章", "not-done-10"),
    Stuck("A20", ReportType.GUIDE, "食品经营许可变更", "指南写两份材料,窗口要四份", "not-done-5"),
    Stuck("C45", ReportType.NO, "户口迁移", "窗口只说办不了,没有说为什么", "not-done-now"),
    Stuck("C70", ReportType.NO_BASIS, "异地就医备案", "要单位开证明,问依据说是一直这样", "not-done-5"),
    Stuck("B52", ReportType.BETWEEN_UNITS, "公积金提取", "贷款结清证明银行和窗口互相推", "not-done-10"),
)
NUMBER = 2 * len(STUCK)


def report(session: Session, scene: Scene, hall: Known, hands: Hands, now: datetime) -> None:
    """Let visitors report on the last working days, one a day, and the desk work it off up to now."""
    days = sorted(day for day in scene.working_days if scene.plan.first_day <= day <= scene.plan.last_day)[
        -NUMBER:
    ]
    for place, day in zip(reversed(range(len(days))), days, strict=True):
        draw = Random(f"{scene.plan.seed}:report:{place}")
        at = clock.at(day, _OPENS) + timedelta(minutes=draw.randrange(90))
        way = _STOPS[place] if place < len(_STOPS) else fates.STRAIGHT
        stuck = STUCK[place % len(STUCK)]
        new = _new(draw, hall.places[stuck.window], stuck, is_reachable=bool(way))
        receipt = take_report(session.connection(), new, None, at)
        case_id = reports.case_of_receipt(session, receipt)
        if case_id is None:
            raise LookupError("the demo's report was not kept")
        if way:
            unit_id, looked_at = hall.places[stuck.window].unit_id, at + _LOOKED_AT
            moves = fates.fate(draw, looked_at, way[1:], unit_id)
            acts = (_term(hands, case_id, stuck, looked_at), *hands.moves(case_id, unit_id, moves))
            walk(session.connection(), acts, now)


def _new(draw: Random, seat: Place, stuck: Stuck, *, is_reachable: bool) -> NewReport:
    contact, key = caller(draw) if is_reachable else None, f"{draw.getrandbits(128):032x}"
    return NewReport(stuck.type, stuck.text, seat.hall_id, key, seat.window_id, stuck.matter, contact)


def _term(hands: Hands, case_id: int, stuck: Stuck, at: datetime) -> Act:
    """The desk's part: it says by when the matter has to be done with."""

    def give(connection: Connection) -> bool:
        give_term(connection, case_id, stuck.profile, hands.named("helper"), now=at)
        return True

    return Act(at, give)
