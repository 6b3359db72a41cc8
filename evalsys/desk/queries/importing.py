"""What taking in a file of orders would do; nothing is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.desk import workbook
from evalsys.desk.queries import orders
from evalsys.desk.queries.categories import categories
from evalsys.desk.rules import NewOrder, UnfitOrder, check_order, content_of
from evalsys.desk.workbook import OrderRow
from evalsys.kernel import clock
from evalsys.kernel.sheets import annotated
from evalsys.kernel.sheets.files import Fault, Workbook
from evalsys.organisation.queries import directory
from evalsys.rectification.rules.citizens import GivenContact

_SAME_NUMBER = "与第{row}行编号相同,内容不同,请核对编号"
_TAKEN = "编号“{no}”已收过一件({case}),内容与这次不同,请核对编号"


@dataclass(frozen=True)
class OrdersDraft:
    """A file with the orders it brings anew, how many are there already, and every fault it has."""

    book: Workbook
    headers: Mapping[str, int]
    new: Sequence[NewOrder]
    known: int
    faults: Sequence[Fault]

    def answer(self) -> bytes:
        """The file back as a workbook, each faulty row with a last column 问题."""
        return annotated.annotated(self.book, self.headers, self.faults)


def orders_draft(session: Session | Connection, book: Workbook, now: datetime) -> OrdersDraft:
    """What taking in the orders of a file would do; a number that was taken in already changes nothing."""
    reading, taken_in = workbook.read(book), _TakenIn(session, now)
    faults = list(reading.faults)
    for row in reading.rows:
        try:
            taken_in.add(row)
        except UnfitOrder as why:
            faults.append(Fault(row.sheet, row.row, None, str(why)))
    return OrdersDraft(book, reading.headers, taken_in.new, taken_in.known, faults)


class _TakenIn:
    """The orders of a file so far, against what stands: categories, windows, and numbers taken in before."""

    def __init__(self, session: Session | Connection, now: datetime) -> None:
        self._session, self._now = session, now
        self._codes = {word: one.code for one in categories(session) for word in (one.name, one.code)}
        self._windows: dict[date, dict[str, int]] = {}
        self._seen: dict[tuple[str, str], tuple[int, str]] = {}
        self.new: list[NewOrder] = []
        self.known = 0

    def add(self, row: OrderRow) -> None:
        """Add a row's order; raises UnfitOrder. The same order again, here or from before, is known."""
        new = self._order(row)
        check_order(new, self._now)
        key, content = (new.source.value, str(new.upstream_no)), content_of(new)
        first, before = self._seen.setdefault(key, (row.row, content))
        if before != content:
            raise UnfitOrder(_SAME_NUMBER, row=first)
        earlier = orders.by_upstream_no(self._session, new.source, new.upstream_no)
        if earlier is not None and earlier[1] != content:
            raise UnfitOrder(_TAKEN, no=new.upstream_no, case=earlier[0].no)
        if earlier is not None or first != row.row:
            self.known += 1
        else:
            self.new.append(new)

    def _order(self, row: OrderRow) -> NewOrder:
        said = row.values
        if said["category"] not in self._codes:
            raise UnfitOrder("没有类别“{code}”,请填类别的名称或代码", code=said["category"])
        phone = said.get("phone")
        return NewOrder(
            source=said["source"],
            category=self._codes[said["category"]],
            text=said["text"],
            received_at=said["received_at"],
            window_id=self._window(said.get("window"), clock.day_of(said["received_at"])),
            place=said.get("place", ""),
            contact=GivenContact(phone, said.get("name", "")) if phone else None,
            upstream_no=said["upstream_no"],
            upstream_due=said.get("upstream_due"),
        )

    def _window(self, code: str | None, day: date) -> int | None:
        if code is None:
            return None
        if day not in self._windows:
            found = directory.windows_on(self._session, day).values()
            self._windows[day] = {window.code: window.id for window in found}
        if code not in self._windows[day]:
            raise UnfitOrder("没有窗口“{code}”,请填窗口的编码", code=code)
        return self._windows[day][code]
