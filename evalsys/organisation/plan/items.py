"""Service items of an import against what stands."""

from collections.abc import Sequence

from evalsys.organisation.plan.places import hall_of
from evalsys.organisation.plan.rows import Changes, ItemRow, Known
from evalsys.organisation.plan.settling import Directory, Findings, resolve, settle, window_of, with_values
from evalsys.organisation.workbook.tables import Record


def item_changes(
    records: Sequence[Record], known: Known, directory: Directory, findings: Findings
) -> Changes[ItemRow]:
    """What the items' sheet would do; a cell that lists anything replaces the whole list."""

    def drawn(record: Record, before: ItemRow | None) -> ItemRow:
        values = {name: value for name, value in record.values.items() if name not in {"hall", "unit"}}
        values |= resolve(record, "unit", directory.units, findings)
        if "windows" in values:
            values["windows"] = _windows(record, directory, findings)
        if "aliases" in values:
            values["aliases"] = frozenset(values["aliases"])
        return with_values(before or ItemRow(record.values["code"]), values)

    def key_of(record: Record) -> str | None:
        return record.values.get("code")

    return settle(records, key_of, lambda code, _: known.items.get(code), drawn, findings)


def _windows(record: Record, directory: Directory, findings: Findings) -> frozenset[str]:
    hall = hall_of(record, directory.halls, findings)
    found: set[str] = set()
    for word in record.values["windows"]:
        code, why = window_of(word, hall, directory.windows)
        if code is None:
            findings.fault(record, "windows", why)
        else:
            found.add(code)
    return frozenset(found)
