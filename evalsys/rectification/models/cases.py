"""Cases with their present clock, and what hangs off them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, BigId, Key


class CaseNumber(Base):
    """The last running number of a day; `<day>-<number>` names a case from intake to close."""

    __tablename__ = "case_numbers"
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]


class Case(Base):
    """One case as it stands now; `version` counts its steps, so that nobody overwrites another's.

    The clock columns hold the present state's clock and are empty where it has none; the light is computed
    from them. `clocked_from` and `term` are what they were computed from, for a calendar that changes.
    """

    __tablename__ = "loop_cases"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("kind IN ('rating','pattern','not-done','order')", name="kind"),
        Index("ix_loop_cases_queue", "state", "due_at", "id"),
        Index("ix_loop_cases_owner", "owner_unit_id", "state", "due_at"),
        Index("ix_loop_cases_owned", "owner_unit_id", "id"),
        Index("ix_loop_cases_state", "state", "id"),
        Index("ix_loop_cases_unit", "unit_id", "id"),
        Index("ix_loop_cases_day", "opened_on", "id"),
        Index("ix_loop_cases_window", "window_id", "opened_on"),
    )
    id: Mapped[Key]
    no: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    profile: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    case_class: Mapped[str | None] = mapped_column(String(20))
    level: Mapped[int | None] = mapped_column(SmallInteger)
    window_id: Mapped[int | None] = mapped_column(ForeignKey("service_windows.id"))
    hall_id: Mapped[int | None] = mapped_column(ForeignKey("halls.id"))
    # The unit the matter is about: the window's on that day.
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    half_day: Mapped[str] = mapped_column(String(2), default="")
    opened_at: Mapped[datetime]
    opened_on: Mapped[date]
    # From this day on the clerk's side sees the case.
    visible_from: Mapped[date]
    is_clue: Mapped[bool] = mapped_column(default=False)
    is_reachable: Mapped[bool] = mapped_column(default=False)
    is_mistake_confirmed: Mapped[bool] = mapped_column(default=False)
    owner_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    owner_account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    dispatched_at: Mapped[datetime | None]
    # The whole case's term runs from triage; from the new dispatch where it has to be done again.
    counted_from: Mapped[datetime]
    finish_by: Mapped[datetime | None]
    # How many working days more were asked for (once), and granted.
    asked_days: Mapped[int] = mapped_column(default=0)
    extended_days: Mapped[int] = mapped_column(default=0)
    # Set from outside: an end the sender of an order named, and one no earlier than after a suspension.
    not_after: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    clocked_from: Mapped[datetime | None]
    term: Mapped[str] = mapped_column(String(20), default="")
    due_at: Mapped[datetime | None]
    yellow_at: Mapped[datetime | None]
    red2_at: Mapped[datetime | None]
    red3_at: Mapped[datetime | None]
    returns: Mapped[int] = mapped_column(default=0)
    may_return: Mapped[bool] = mapped_column(default=True)
    redo_count: Mapped[int] = mapped_column(default=0)
    finding: Mapped[str | None] = mapped_column(String(20))
    cause: Mapped[str | None] = mapped_column(String(20))
    solved: Mapped[str | None] = mapped_column(String(10))
    satisfied: Mapped[str | None] = mapped_column(String(15))
    pressed: Mapped[str | None] = mapped_column(String(10))
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)


class CaseRating(Base):
    """A rating a case is about; it leaves the case when it gets one of its own or is corrected to good."""

    __tablename__ = "case_ratings"
    __table_args__ = (Index("ix_case_ratings_root", "root"),)
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True)
    root: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"), primary_key=True)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class CaseTag(Base):
    """A tag of the ratings of a case: the same item and tag within five working days make one case."""

    __tablename__ = "case_tags"
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(10), primary_key=True)


class CaseAssistant(Base):
    """A unit that helps the owner, who stays responsible."""

    __tablename__ = "case_assistants"
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)


class CaseLink(Base):
    """A case found to be about the same thing as an earlier one."""

    __tablename__ = "case_links"
    __table_args__ = (CheckConstraint("case_id <> same_as", name="not_itself"),)
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True)
    same_as: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True)
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
