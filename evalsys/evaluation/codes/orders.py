"""What somebody asked to see or to print, read from an address or a command, faults said in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evalsys.evaluation.codes.refusals import NotPrintable, Unreachable
from evalsys.evaluation.codes.sheets import LABELS_ON_A_SHEET, Format, Layout, Sheet, doubt_about

LONGEST_REASON = 200  # signs of the reason for putting a code out of force


class State(StrEnum):
    """Which codes a list shows."""

    ALL = ""
    NEVER_SCANNED = "never-scanned"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Wanted:
    """A filter over the codes; empty means all."""

    hall: str = ""
    department: str = ""
    unit_id: int = 0
    state: State = State.ALL


@dataclass(frozen=True)
class Order:
    """A print: on which paper, as which kind of file, from which free place of a sheet of labels."""

    layout: Layout = Layout.A4
    kind: Format = Format.PDF
    start: int = 1

    def sheet(self, at: datetime, *, demo: bool) -> Sheet:
        """The order as the printer takes it."""
        return Sheet(layout=self.layout, at=at, demo=demo, start=self.start)


def wanted(args: Mapping[str, str], unit_ids: Mapping[str, int]) -> Wanted:
    """The filter in an address, departments by code; NotPrintable names what there is not."""
    state, department = args.get("state", ""), args.get("department", "").strip()
    if department and department not in unit_ids:
        raise NotPrintable("没有部门“{code}”。", code=department[:40])
    if state not in set(State):
        raise NotPrintable("没有“{state}”这种状态。", state=state[:40])
    return Wanted(args.get("hall", ""), department, unit_ids.get(department, 0), State(state))


def order(args: Mapping[str, str]) -> Order:
    """The print in an address; NotPrintable names what cannot be understood."""
    layout, kind, start = args.get("layout", "a4"), args.get("format", "pdf"), args.get("start") or "1"
    if layout not in set(Layout):
        raise NotPrintable("没有“{layout}”这种版式。", layout=layout)
    if kind not in set(Format):
        raise NotPrintable("没有“{kind}”这种文件。", kind=kind)
    if not (start.isdecimal() and 1 <= int(start) <= LABELS_ON_A_SHEET):
        raise NotPrintable("标签的起始位置是1到{most}。", most=LABELS_ON_A_SHEET)
    return Order(Layout(layout), Format(kind), int(start))


def check_address(base_url: str, *, demo: bool, insisted: bool) -> None:
    """Raise Unreachable for a real hall's codes with an address citizens cannot open, unless insisted on."""
    doubt = None if demo or insisted else doubt_about(base_url)
    if doubt:
        raise Unreachable(doubt, base=base_url)
