"""The demo's orders: what came in by telephone, letter and platform, and how it was worked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy.orm import Session

from evalsys.demo import fates
from evalsys.demo.callers import caller
from evalsys.demo.fates import STRAIGHT, URGENT, USUAL, WAYS, Fate
from evalsys.demo.hands import Hands, walk
from evalsys.demo.scene import Scene
from evalsys.desk.actions.intake import take_order
from evalsys.desk.actions.on_call import put_on_call
from evalsys.desk.queries.on_call import Turn
from evalsys.desk.rules import NewOrder, Source
from evalsys.kernel import clock
from evalsys.organisation.queries import units
from evalsys.rectification.queries import facts
from evalsys.rectification.rules.states import State

ON_CALL = "GA"
_EVENING = time(21, 40)


@dataclass(frozen=True)
class Called:
    """One order: from where, of what category, in which words, for which department, how far it has come."""

    source: Source
    category: str
    text: str
    owner: str
    way: tuple[State, ...] = STRAIGHT
    is_urgent: bool = False


# The latest first, two a working day.
ORDERS = (
    Called(Source.PHONE, "policy", "灵活就业人员怎么转移社保关系", "RS", ()),
    Called(Source.CITY_PLATFORM, "wages", "工地拖欠三个月工资,二十多人", "RS", WAYS[State.DISPATCHED]),
    Called(Source.PHONE, "utilities", "小区停水一天,没有通知", "GA", WAYS[State.ACCEPTED]),
    Called(Source.MESSAGE_BOARD, "approval", "开店要办哪些证,能不能一次办完", "SP", WAYS[State.RECTIFYING]),
    Called(Source.DESK, "social-insurance", "单位没有给缴社保", "RS", WAYS[State.RETURN_REQUESTED]),
    Called(Source.PHONE, "waterlogging", "地下车库进水,有人被困", ON_CALL, STRAIGHT, is_urgent=True),
    Called(Source.LETTER, "property", "物业收了费不开票", "SW", WAYS[State.SUBMITTED]),
    Called(Source.PHONE, "traffic", "路口信号灯坏了两天", "GA", WAYS[State.CALLBACK]),
    Called(Source.CITY_PLATFORM, "housing", "公积金贷款审批一直没有结果", "GJ"),
    Called(Source.SOCIAL_GOVERNANCE, "noise", "夜里施工到两点", "GA", WAYS[State.REDO]),
    Called(Source.PHONE, "conduct", "打电话咨询,接电话的人不耐烦", "YB"),
    Called(Source.PHONE, "consumer", "退货不给退款", "SP"),
    Called(Source.LETTER, "environment", "厂子晚上排烟,味道很大", "SP"),
    Called(Source.PHONE, "accident", "山坡滑落石块,堵了路", ON_CALL, STRAIGHT, is_urgent=True),
    Called(Source.MESSAGE_BOARD, "housing", "不动产证写错了名字,怎么改", "BD"),
    Called(Source.DESK, "policy", "新生儿医保什么时候参保", "YB"),
)
_EACH_DAY = 2


def order(session: Session, scene: Scene, hands: Hands, now: datetime) -> None:
    """Keep the on-call list, and let orders come in on the last working days and be worked up to now."""
    by_code = units.unit_codes(session)
    days = sorted(day for day in scene.working_days if scene.plan.first_day <= day <= scene.plan.last_day)
    _be_on_call(session, scene, hands, by_code[ON_CALL])
    for place in reversed(range(min(len(ORDERS), _EACH_DAY * len(days)))):
        draw, called = Random(f"{scene.plan.seed}:order:{place}"), ORDERS[place]
        new = _order(draw, called, _when(draw, days[-1 - place // _EACH_DAY], called), place)
        taken = take_order(
            session.connection(), new, hands.of("dispatcher", by_code[ON_CALL]), now=new.received_at
        )
        owner = by_code[called.owner]
        acts = hands.moves(_case(session, taken.no), owner, _fates(draw, called, new, owner))
        walk(session.connection(), acts, now)


def _be_on_call(session: Session, scene: Scene, hands: Hands, unit_id: int) -> None:
    """One person on call for as long as the rota goes, a turn for every week."""
    days: Sequence[date] = scene.plan.days_of_rota()
    by, owner = hands.of("dispatcher", unit_id), hands.of("owner", unit_id)
    for first in days[::7]:
        starts_at = clock.at(first, time())
        ends_at = starts_at + timedelta(days=7)
        turn = Turn(0, unit_id, owner.account_id, 1, starts_at, ends_at)
        put_on_call(session, turn, owner.roles, by)


def _when(draw: Random, day: date, called: Called) -> datetime:
    began = clock.at(day, _EVENING if called.is_urgent else fates.DAY_BEGINS)
    return began + timedelta(minutes=draw.randrange(60 if called.is_urgent else 240))


def _order(draw: Random, called: Called, at: datetime, place: int) -> NewOrder:
    is_numbered = called.source is Source.CITY_PLATFORM
    return NewOrder(
        called.source,
        called.category,
        called.text,
        at,
        contact=caller(draw),
        upstream_no=f"{at:%Y%m}-{place:04}" if is_numbered else None,
    )


def _case(session: Session, no: str) -> int:
    case_id = facts.case_id_of(session, no)
    if case_id is None:
        raise LookupError("the demo's order was not kept")
    return case_id


def _fates(draw: Random, called: Called, new: NewOrder, owner: int) -> Iterator[Fate]:
    """The moves that are left to make: its category has classed it, an urgent one lies with those on call."""
    done = {State.TRIAGED, State.DISPATCHED} if called.is_urgent else {State.TRIAGED}
    way = tuple(state for state in called.way if state not in done)
    pace = URGENT if called.is_urgent else USUAL
    return fates.fate(draw, new.received_at, way, owner, pace=pace)
