"""Listening to what a move is given, from a page or as JSON; what cannot be read is named with its field."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from evalsys.kernel import clock
from evalsys.rectification.rules import Missing
from evalsys.rectification.rules.fields import Field, FieldValue
from evalsys.rectification.rules.moves import Move

Raw = Mapping[str, object]


def given_for(move: Move, raw: Raw, units: Mapping[str, int]) -> dict[str, FieldValue]:
    """What a move's fields were given, read: units by code as ids, days, instants and numbers as such.

    An instant without an offset is Asia/Shanghai. Raises Missing naming every field that cannot be read.
    """
    faults: dict[str, str] = {}
    given: dict[str, FieldValue] = {}
    for field in move.fields:
        value = raw.get(field.name)
        if value in (None, "", []):
            continue
        try:
            given[field.name] = _read(field, value, units)
        except (ValueError, TypeError, KeyError):
            faults[field.name] = f"“{field.label}”填得不对,请改"
    if faults:
        raise Missing(faults)
    return given


def _read(field: Field, value: object, units: Mapping[str, int]) -> FieldValue:
    text = str(value).replace("\r\n", "\n").strip()
    if field.kind == "unit":
        return units[text]
    if field.kind == "units":
        codes = value if isinstance(value, Sequence) and not isinstance(value, str) else text.split(",")
        return tuple(str(units[str(code).strip()]) for code in codes if str(code).strip())
    if field.kind == "day":
        return date.fromisoformat(text)
    if field.kind == "instant":
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=clock.SHANGHAI)
    return int(text) if field.kind == "number" else text
