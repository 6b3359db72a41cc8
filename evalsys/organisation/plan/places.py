"""Units, halls and windows of an import against what stands."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from evalsys.organisation.plan.rows import Changes, HallRow, Known, Naming, UnitRow, WindowRow
from evalsys.organisation.plan.settling import Findings, Index, resolve, settle, with_values
from evalsys.organisation.workbook.tables import Record


def naming_on(namings: Sequence[Naming], day: date) -> Naming | None:
    """The name in force on a day: the latest that began on or before it, else the first there is."""
    begun = [naming for naming in namings if naming.from_day <= day]
    return begun[-1] if begun else next(iter(namings), None)


def unit_changes(
    records: Sequence[Record], known: Known, today: date, findings: Findings
) -> tuple[Changes[UnitRow], Index]:
    """What the units' sheet would do, and the index of all units as they would stand."""
    index = unit_index(known, records)

    def present(code: str, record: Record) -> UnitRow | None:
        unit = known.units.get(code)
        naming = naming_on(known.namings.get(code, ()), record.values.get("name_from") or today)
        if unit is None or naming is None:
            return unit
        return with_values(unit, {"name": naming.name, "short_name": naming.short_name})

    def drawn(record: Record, before: UnitRow | None) -> UnitRow:
        unit = before or UnitRow(record.values["code"])
        unit = with_values(unit, {**record.values, **resolve(record, "parent", index, findings)})
        return with_values(unit, {"short_name": unit.short_name or unit.name[:60]})

    changes = settle(records, _code, present, drawn, findings)
    _refuse_circles(records, {**known.units, **{unit.code: unit for unit in changes.after}}, findings)
    return changes, index


def _code(record: Record) -> str | None:
    return record.values.get("code")


def unit_index(known: Known, records: Iterable[Record]) -> Index:
    """Units by code, by every name they have or would have, and by short name."""
    named: dict[str, list[str]] = {
        code: [word for naming in known.namings.get(code, ()) for word in (naming.name, naming.short_name)]
        for code in known.units
    }
    for record in records:
        if code := record.values.get("code"):
            words = (record.values.get("name"), record.values.get("short_name"))
            named[code] = [word for word in words if word] + named.get(code, [])
    return Index("部门", named)


def _refuse_circles(records: Iterable[Record], units: Mapping[str, UnitRow], findings: Findings) -> None:
    for record in records:
        code = record.values.get("code", "")
        if record.values.get("parent") and code in _above(code, units):
            findings.fault(record, "parent", "上级绕回了自己,请核对上级")


def _above(code: str, units: Mapping[str, UnitRow]) -> set[str]:
    above: set[str] = set()
    parent = units[code].parent if code in units else ""
    while parent and parent not in above:
        above.add(parent)
        parent = units[parent].parent if parent in units else ""
    return above


def hall_changes(
    records: Sequence[Record], known: Known, findings: Findings
) -> tuple[Changes[HallRow], Index]:
    """What the halls' sheet would do, and the index of all halls as they would stand."""

    def drawn(record: Record, before: HallRow | None) -> HallRow:
        return with_values(before or HallRow(record.values["code"]), record.values)

    changes = settle(records, _code, lambda code, _: known.halls.get(code), drawn, findings)
    named = {code: [hall.name] for code, hall in known.halls.items()}
    for record in records:
        if code := record.values.get("code"):
            named[code] = [record.values.get("name", code), *named.get(code, ())]
    return changes, Index("大厅", named)


def hall_of(record: Record, halls: Index, findings: Findings) -> str | None:
    """The hall a record names; the only one there is where it names none."""
    if "hall" in record.values:
        return resolve(record, "hall", halls, findings).get("hall")
    if "hall" not in record.unreadable and len(halls.codes) == 1:
        return next(iter(halls.codes))
    return None


def window_changes(
    records: Sequence[Record], known: Known, halls: Index, units: Index, findings: Findings
) -> tuple[Changes[WindowRow], Index]:
    """What the windows' sheet would do, and the index of all windows as they would stand."""
    hall_by_row = {id(record): _hall_of_window(record, halls, findings) for record in records}

    def key_of(record: Record) -> str | None:
        hall, number = hall_by_row[id(record)], record.values.get("number")
        return WindowRow(hall, number).code if hall and number else None

    def drawn(record: Record, before: WindowRow | None) -> WindowRow:
        window = before or WindowRow(hall_by_row[id(record)] or "", record.values["number"])
        named = {name: value for name, value in record.values.items() if name not in {"hall", "unit"}}
        return with_values(window, {**named, **resolve(record, "unit", units, findings)})

    changes = settle(records, key_of, lambda code, _: known.windows.get(code), drawn, findings)
    numbers = {code: (window.number,) for code, window in known.windows.items()}
    numbers |= {code: (record.values["number"],) for record in records if (code := key_of(record))}
    homeless = [record.values["number"] for record in records if "number" in record.values]
    return changes, Index("窗口", numbers, homeless)


def _hall_of_window(record: Record, halls: Index, findings: Findings) -> str | None:
    hall = hall_of(record, halls, findings)
    if hall is None and "hall" not in record.values and "hall" not in record.unreadable:
        why = "不止一个大厅,请填上大厅" if halls.codes else "还没有大厅,请先在“大厅”表里加上"
        findings.fault(record, "hall", why)
    return hall
