"""What an import is about: a row type for each sheet by natural keys, what stands, what would change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Generic, TypeVar

from evalsys.kernel.sheets.files import Fault
from evalsys.organisation import rules
from evalsys.organisation.workbook import columns


@dataclass(frozen=True)
class UnitRow:
    """A unit under its present name; `name_from` says from when the name holds, where a file says so."""

    code: str
    name: str = ""
    short_name: str = ""
    kind: str = rules.UnitKind.WINDOWS.value
    parent: str = ""
    credit_code: str | None = None
    compare_group: str = ""
    name_from: date | None = field(default=None, compare=False)


@dataclass(frozen=True)
class HallRow:
    """A hall."""

    code: str
    name: str = ""
    address: str = ""


@dataclass(frozen=True)
class WindowRow:
    """A window: hall, zone and department by their natural keys; `to_day` is its last day in use."""

    hall: str
    number: str
    zone: str = ""
    unit: str = ""
    kind: str = rules.WindowKind.SPECIAL.value
    from_day: date | None = None
    to_day: date | None = None

    @property
    def code(self) -> str:
        """The window's code for ever."""
        return rules.window_code(self.hall, self.number)


@dataclass(frozen=True)
class StaffRow:
    """A member of staff; the roles are not ours to keep and are only announced."""

    staff_no: str
    name: str = ""
    unit: str = ""
    party_post: bool = False
    from_day: date | None = None
    to_day: date | None = None
    roles: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class ItemRow:
    """An item; `windows` are window codes, the materials keep their order."""

    code: str
    name: str = ""
    unit: str = ""
    item_type: str = "99"
    time_limit: str = ""
    high_frequency: bool = False
    aliases: frozenset[str] = frozenset()
    windows: frozenset[str] = frozenset()
    materials: tuple[str, ...] = ()
    from_day: date | None = None
    to_day: date | None = None


@dataclass(frozen=True)
class DutyRow:
    """One shift of the rota, on the hall's clock; `ends` may be `cells.END_OF_DAY`."""

    day: date
    window: str
    staff_no: str
    starts: time
    ends: time
    kind: str = rules.DutyKind.REGULAR.value

    @property
    def place(self) -> tuple[date, str]:
        """The day and window whose rota a file replaces when it names them."""
        return (self.day, self.window)


@dataclass(frozen=True)
class Naming:
    """A name a unit bears from a day on."""

    from_day: date
    name: str
    short_name: str


@dataclass(frozen=True)
class Known:
    """What stands before an import, by natural key; `rota` holds the duties of the days the file names."""

    units: Mapping[str, UnitRow] = field(default_factory=dict)
    namings: Mapping[str, tuple[Naming, ...]] = field(default_factory=dict)
    halls: Mapping[str, HallRow] = field(default_factory=dict)
    windows: Mapping[str, WindowRow] = field(default_factory=dict)
    staff: Mapping[str, StaffRow] = field(default_factory=dict)
    items: Mapping[str, ItemRow] = field(default_factory=dict)
    rota: Mapping[tuple[date, str], tuple[tuple[int, DutyRow], ...]] = field(default_factory=dict)


Row = TypeVar("Row")


@dataclass(frozen=True)
class Changes(Generic[Row]):
    """What one sheet would do; `changed` pairs what stands with what would stand."""

    created: tuple[Row, ...] = ()
    changed: tuple[tuple[Row, Row], ...] = ()
    unchanged: tuple[Row, ...] = ()

    @property
    def after(self) -> tuple[Row, ...]:
        """Every row the sheet names, as it would stand."""
        return (*self.created, *(after for _, after in self.changed), *self.unchanged)


@dataclass(frozen=True)
class RotaChanges:
    """What the rota sheet would do: shifts to add, duties (by id) to withdraw, and how many stay."""

    added: tuple[DutyRow, ...] = ()
    withdrawn: tuple[int, ...] = ()
    kept: int = 0


@dataclass(frozen=True)
class Tally:
    """What one sheet comes to: rows created, changed (or withdrawn), and left as they are."""

    sheet: str
    created: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class Plan:
    """Everything an import would do; with a single fault it does nothing."""

    units: Changes[UnitRow] = Changes()
    halls: Changes[HallRow] = Changes()
    windows: Changes[WindowRow] = Changes()
    staff: Changes[StaffRow] = Changes()
    items: Changes[ItemRow] = Changes()
    rota: RotaChanges = RotaChanges()
    rows: int = 0
    faults: tuple[Fault, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def tallies(self) -> tuple[Tally, ...]:
        """The figures of every sheet that has any row."""
        sheets: dict[str, Changes[Any]] = {
            columns.UNITS: self.units,
            columns.HALLS: self.halls,
            columns.WINDOWS: self.windows,
            columns.STAFF: self.staff,
            columns.ITEMS: self.items,
        }
        found = [
            Tally(name, len(each.created), len(each.changed), len(each.unchanged))
            for name, each in sheets.items()
        ]
        found.append(Tally(columns.ROTA, len(self.rota.added), len(self.rota.withdrawn), self.rota.kept))
        return tuple(tally for tally in found if tally.created or tally.changed or tally.unchanged)

    @property
    def created(self) -> int:
        """Rows that would be new."""
        return sum(tally.created for tally in self.tallies)

    @property
    def changed(self) -> int:
        """Rows that would change, duties withdrawn among them."""
        return sum(tally.changed for tally in self.tallies)

    @property
    def unchanged(self) -> int:
        """Rows that stand already."""
        return sum(tally.unchanged for tally in self.tallies)
