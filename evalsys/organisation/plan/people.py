"""Staff and the rota of an import against what stands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from evalsys.organisation import rules
from evalsys.organisation.plan.places import hall_of
from evalsys.organisation.plan.rows import Changes, DutyRow, Known, RotaChanges, StaffRow, WindowRow
from evalsys.organisation.plan.settling import (
    Directory,
    Findings,
    Index,
    resolve,
    settle,
    window_of,
    with_values,
)
from evalsys.organisation.workbook.tables import Record

_BOTH_SIDES = (
    "窗口一方(窗口人员、窗口管理员、部门负责人)不能同时是领导、督查员、审计员、派单员、回访员、申诉复核员或导办员,"
    "请删去一方"
)
_TOGETHER = "系统管理员、数据管理员、审计员三员分立,一个人只能是其中一个,请只留一个"


def staff_changes(
    records: Sequence[Record], known: Known, units: Index, findings: Findings
) -> tuple[Changes[StaffRow], Index]:
    """What the staff sheet would do, and the index of all staff as they would stand."""

    def key_of(record: Record) -> str | None:
        return record.values.get("staff_no")

    def drawn(record: Record, before: StaffRow | None) -> StaffRow:
        named = {name: value for name, value in record.values.items() if name != "unit"}
        person = before or StaffRow(record.values["staff_no"])
        if rules.on_both_sides(record.values.get("roles", ())):
            findings.fault(record, "roles", _BOTH_SIDES)
        if rules.joins_administrations(record.values.get("roles", ())):
            findings.fault(record, "roles", _TOGETHER)
        return with_values(person, {**named, **resolve(record, "unit", units, findings)})

    changes = settle(records, key_of, lambda number, _: known.staff.get(number), drawn, findings)
    numbers = {*known.staff, *(number for record in records if (number := key_of(record)))}
    return changes, Index("工号", {number: () for number in numbers})


class _Rota:
    """Reads the rows of a rota one by one; remembers which shift stood where."""

    def __init__(self, directory: Directory, findings: Findings) -> None:
        self.directory = directory
        self.findings = findings
        self.first: dict[DutyRow, Record] = {}

    def duty(self, record: Record) -> DutyRow | None:
        """The shift a record means; None where it means none and a fault says why."""
        window = self._window(record)
        person = resolve(record, "staff_no", self.directory.staff, self.findings).get("staff_no")
        if record.unreadable or window is None or person is None:
            return None
        values = {name: value for name, value in record.values.items() if name != "hall"}
        duty = DutyRow(**{**values, "window": window, "staff_no": person})
        if duty.starts >= duty.ends:
            self.findings.fault(record, "ends", "结束要晚于开始;跨过零点的请分成两天写")
        earlier = self.first.setdefault(duty, record)
        if earlier is not record:
            self.findings.fault(record, None, f"和第{earlier.row}行完全一样,请删掉重复的一行")
        self._check_days(record, duty)
        return duty

    def _window(self, record: Record) -> str | None:
        hall = hall_of(record, self.directory.halls, self.findings)
        word = record.values.get("window")
        if word is None or ("hall" in record.values and hall is None):
            return None
        window, why = window_of(word, hall, self.directory.windows)
        if window is None:
            self.findings.fault(record, "window", why)
        return window

    def _check_days(self, record: Record, duty: DutyRow) -> None:
        window = self.directory.windows_by_code.get(duty.window)
        person = self.directory.staff_by_no.get(duty.staff_no)
        if (
            window
            and not _never_used(window)
            and not rules.is_between(duty.day, window.from_day, window.to_day)
        ):
            self.findings.fault(record, "window", f"这个窗口{duty.day}没有启用,请核对日期或窗口")
        if (
            person
            and not _never_used(person)
            and not rules.is_between(duty.day, person.from_day, person.to_day)
        ):
            self.findings.fault(record, "staff_no", f"{person.name}{duty.day}不在岗,请核对日期或工号")


def _never_used(row: WindowRow | StaffRow) -> bool:
    """Whether its days contradict each other, which is a fault of its own row."""
    return row.from_day is not None and row.to_day is not None and row.to_day < row.from_day


def rota_changes(
    records: Sequence[Record], known: Known, directory: Directory, findings: Findings
) -> RotaChanges:
    """What the rota sheet would do: it replaces the rota of each day and window it names."""
    reader = _Rota(directory, findings)
    wanted: dict[tuple[date, str], set[DutyRow]] = defaultdict(set)
    for record in records:
        if duty := reader.duty(record):
            wanted[duty.place].add(duty)
    return _replaced(wanted, known)


def _replaced(wanted: Mapping[tuple[date, str], set[DutyRow]], known: Known) -> RotaChanges:
    added: list[DutyRow] = []
    withdrawn: list[int] = []
    kept: set[DutyRow] = set()
    for place, duties in wanted.items():
        for duty_id, duty in known.rota.get(place, ()):
            if duty in duties and duty not in kept:
                kept.add(duty)
            else:
                withdrawn.append(duty_id)
        added += duties - kept
    added.sort(key=lambda duty: (duty.day, duty.window, duty.starts, duty.ends, duty.staff_no, duty.kind))
    return RotaChanges(tuple(added), tuple(sorted(withdrawn)), len(kept))
