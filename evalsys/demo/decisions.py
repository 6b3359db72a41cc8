"""What two people decided about some of the planted ratings: held, excluded, counted again."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from evalsys.demo.planted import RUN_LENGTH, Plants
from evalsys.demo.visits import Heard
from evalsys.evaluation.actions.standing import Decision, decide_standing

HELD_OF_ONE_DEVICE = 20
_NEXT_DAY = timedelta(days=1)


def decisions(plants: Plants) -> Iterator[tuple[Heard, str, str]]:
    """Which planted ratings are decided on, how and why; most stay marked only and keep counting."""
    for heard in plants.one_device[:HELD_OF_ONE_DEVICE]:
        yield heard, "held", "同一部手机半小时内连续评了多个窗口,先暂缓,正在核实"
    for heard in plants.runs[RUN_LENGTH : 2 * RUN_LENGTH]:
        yield heard, "excluded", "同一台平板几秒一条,核对叫号记录,当时没有对应的办件"
    for heard in plants.after_hours[:2]:
        yield heard, "held", "下班以后提交,先核对是否当天办过事"
    for heard in plants.after_hours[:1]:
        yield heard, "counted", "已核对叫号记录,当天确实办过事,恢复计入"


def decide(
    connection: Connection,
    found: Sequence[tuple[int, Heard, str, str]],
    deciders: tuple[int, int],
    now: datetime,
) -> None:
    """Write the decisions, each a day after its rating; the two deciders are account ids."""
    proposed_by, decided_by = deciders
    for root, heard, standing, reason in found:
        at = min(heard.at + _NEXT_DAY, now)
        decide_standing(connection, root, standing, Decision(reason, proposed_by, decided_by, at))
