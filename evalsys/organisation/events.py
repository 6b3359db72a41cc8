"""What the organisation announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StaffImported:
    """An import named a member of staff with roles; accounts are opened by whoever keeps them."""

    staff_id: int
    staff_no: str
    name: str
    unit_id: int
    roles: tuple[str, ...]


@dataclass(frozen=True)
class StaffMoved:
    """A member of staff belongs to another unit from today on."""

    staff_id: int
    unit_id: int


@dataclass(frozen=True)
class StaffLeft:
    """An import said that a member of staff has left."""

    staff_id: int


@dataclass(frozen=True)
class WindowsImported:
    """An import brought windows that were not there before."""

    created: int
