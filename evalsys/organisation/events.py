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
class WindowsImported:
    """An import brought windows that were not there before."""

    created: int
