"""Draws the plan of an import: sheet by sheet, each seeing what the ones before would bring."""

from datetime import date

from evalsys.kernel.sheets.files import Fault
from evalsys.organisation.plan.items import item_changes
from evalsys.organisation.plan.people import rota_changes, staff_changes
from evalsys.organisation.plan.places import hall_changes, unit_changes, window_changes
from evalsys.organisation.plan.rows import Known, Plan
from evalsys.organisation.plan.settling import Directory, Findings
from evalsys.organisation.workbook import columns
from evalsys.organisation.workbook.tables import Reading


def draw(reading: Reading, known: Known, today: date) -> Plan:
    """What would be created, changed and left, or every fault of every sheet, by sheet and row."""
    findings = Findings(list(reading.faults), list(reading.notices))
    units, unit_index = unit_changes(reading.records(columns.UNITS), known, today, findings)
    halls, hall_index = hall_changes(reading.records(columns.HALLS), known, findings)
    windows, window_index = window_changes(
        reading.records(columns.WINDOWS), known, hall_index, unit_index, findings
    )
    staff, staff_index = staff_changes(reading.records(columns.STAFF), known, unit_index, findings)
    directory = Directory(
        unit_index,
        hall_index,
        window_index,
        staff_index,
        {**known.windows, **{window.code: window for window in windows.after}},
        {**known.staff, **{person.staff_no: person for person in staff.after}},
    )
    items = item_changes(reading.records(columns.ITEMS), known, directory, findings)
    rota = rota_changes(reading.records(columns.ROTA), known, directory, findings)
    order = {table.sheet: n for n, table in enumerate(reading.tables)}

    def place(fault: Fault) -> tuple[int, int, int, str]:
        column = fault.column or ""
        return order.get(fault.sheet, -1), fault.row or 0, column.find("列"), column

    faults = sorted(findings.faults, key=place)
    return Plan(
        units, halls, windows, staff, items, rota, reading.rows, tuple(faults), tuple(findings.notices)
    )


def days_named(reading: Reading) -> tuple[date, date] | None:
    """The first and last day the rota sheets name; None where they name none."""
    days = [record.values["day"] for record in reading.records(columns.ROTA) if "day" in record.values]
    return (min(days), max(days)) if days else None
