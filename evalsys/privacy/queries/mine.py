"""What is held behind a receipt, of a rating or of a report."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.desk.queries import held as desk
from evalsys.desk.queries import reports
from evalsys.evaluation.queries import held, ratings
from evalsys.kernel.secrets import digest, spelled
from evalsys.rectification.queries import held as cases


@dataclass(frozen=True)
class Mine:
    """Everything behind a receipt; `root` of a rating, or `case_id` of a report.

    `can_be_erased`: words in sight or a contact that stands.
    """

    root: int | None
    case_id: int | None
    held: dict[str, Any]
    can_be_erased: bool

    @property
    def case(self) -> dict[str, Any] | None:
        """The case about it, if there is one."""
        case: dict[str, Any] | None = self.held["case"]
        return case


def behind(session: Session | Connection, receipt: str) -> Mine | None:
    """What is held behind a receipt, however it was typed; None where it is nobody's."""
    root = ratings.root_of_receipt(session, digest(spelled(receipt)))
    if root is not None:
        return _of_rating(session, root)
    case_id = reports.case_of_receipt(session, receipt)
    return None if case_id is None else _of_report(session, case_id)


def _of_rating(session: Session | Connection, root: int) -> Mine:
    found = held.held(session, root) | {"case": cases.of_rating(session, root)}
    in_sight = any(words["redacted_at"] is None for words in found["words"])
    stands = in_sight or _has_contact(found) or cases.has_words(session, root)
    return Mine(root, None, found, stands)


def _of_report(session: Session | Connection, case_id: int) -> Mine:
    found = desk.of_report(session, case_id)
    return Mine(None, case_id, found, desk.has_words(session, case_id) or _has_contact(found))


def _has_contact(found: dict[str, Any]) -> bool:
    return bool(found["case"] and found["case"]["contact"])
