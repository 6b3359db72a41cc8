"""What the loop remembers: cases with their present clock, and append-only steps on how they got there."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, BigId, Key, Words


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
        Index("ix_loop_cases_unit", "unit_id", "opened_on"),
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
    __table_args__ = (Index("ix_case_tags_tag", "tag", "case_id"),)
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(10), primary_key=True)


class CaseStep(Base):
    """One step of a case, never changed: who did what, from where to where, why, and what it moved.

    `facts` holds the fields of the move, `before` the columns it changed as they were, both as JSON. Whoever
    judges the owner unit's work is of another unit: the table refuses anything else.
    """

    __tablename__ = "case_steps"
    __table_args__ = (
        CheckConstraint(
            "act IN ('open','move','try','note','join','leave','assist','link','undo','recompute','notice')",
            name="act",
        ),
        CheckConstraint(
            "NOT (from_state IN ('ACCEPTANCE','CALLBACK') AND act = 'move' AND actor_id IS NOT NULL"
            " AND actor_unit_id = owner_unit_id)",
            name="judged_from_outside",
        ),
    )
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    # None: the system itself, or the citizen through the receipt page.
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    actor_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    owner_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[str] = mapped_column(Text, default="{}")
    before: Mapped[str] = mapped_column(Text, default="{}")
    due_before: Mapped[datetime | None]
    due_after: Mapped[datetime | None]


class CaseFile(Base):
    """A file handed in with a step."""

    __tablename__ = "case_files"
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"), primary_key=True)
    name: Mapped[Words]


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


class CaseMessage(Base):
    """A message between the citizen and the desk, on the receipt page; the supervisor relays both ways.

    `relayed_at` empty: the supervisor has not passed it on yet. Words can be redacted, so they live here.
    """

    __tablename__ = "case_messages"
    __table_args__ = (
        CheckConstraint("sender IN ('citizen','owner','supervisor')", name="sender"),
        UniqueConstraint("key"),
    )
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), index=True)
    root: Mapped[int | None] = mapped_column(BigId, ForeignKey("ratings.id"))
    sender: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    relayed_at: Mapped[datetime | None]
    relayed_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    redacted_at: Mapped[datetime | None]
    # A double tap on 发送 is one message.
    key: Mapped[str] = mapped_column(String(64))


class Contact(Base):
    """How a citizen may be reached, sealed; gone 90 days after closing. One for each rating or order."""

    __tablename__ = "contacts"
    __table_args__ = (Index("ix_contacts_case_id", "case_id"),)
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"))
    root: Mapped[int | None] = mapped_column(BigId, ForeignKey("ratings.id"), unique=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    masked: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime]
    purged_at: Mapped[datetime | None]


class Confirmation(Base):
    """The citizen's own word on the receipt page: solved or not, and how the handling was."""

    __tablename__ = "confirmations"
    __table_args__ = (
        CheckConstraint("solved IN ('yes','partly','no')", name="solved"),
        CheckConstraint("handling IN ('satisfied','fairly','dissatisfied')", name="handling"),
    )
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True)
    root: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True)
    solved: Mapped[str] = mapped_column(String(10))
    handling: Mapped[str | None] = mapped_column(String(15))
    at: Mapped[datetime]


class Appeal(Base):
    """An appeal by the rated side against one rating: once, with ground and evidence, decided by two."""

    __tablename__ = "appeals"
    __table_args__ = (
        CheckConstraint(
            "ground IN ('mistake','not-this-window','repeated','false','not-a-service')", name="ground"
        ),
        CheckConstraint("state IN ('filed','reviewed','upheld','rejected')", name="state"),
        CheckConstraint("first_by <> second_by", name="two_people"),
        CheckConstraint("evidence <> ''", name="evidence"),
        Index("ix_appeals_state", "state", "due_at"),
    )
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), index=True)
    root: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"), unique=True)
    filed_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    filed_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    ground: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    first_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    first_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    first_upholds: Mapped[bool | None]
    first_reason: Mapped[str] = mapped_column(Text, default="")
    second_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    second_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    second_upholds: Mapped[bool | None]
    second_reason: Mapped[str] = mapped_column(Text, default="")
    # How an upheld appeal takes effect: out of the count, or another person's work.
    effect: Mapped[str | None] = mapped_column(String(15))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]


class AppealFile(Base):
    """A file handed in with an appeal."""

    __tablename__ = "appeal_files"
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"), primary_key=True)
    name: Mapped[Words]


class SupervisionNotice(Base):
    """A 督办单: made by itself when a clock runs out, once for each light of each step."""

    __tablename__ = "supervision_notices"
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    light: Mapped[str] = mapped_column(String(10), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    due_at: Mapped[datetime]
    # When the light changed, also where the site was down then, and when this was written.
    changed_at: Mapped[datetime]
    made_at: Mapped[datetime]


class Responsibility(Base):
    """The responsibility directory: which unit is in charge of an item, a category or a word."""

    __tablename__ = "responsibilities"
    __table_args__ = (CheckConstraint("about IN ('item','category','word')", name="about"),)
    about: Mapped[str] = mapped_column(String(10), primary_key=True)
    what: Mapped[str] = mapped_column(String(60), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    reason: Mapped[Words] = mapped_column(default="")


class ReplyTemplate(Base):
    """A beginning for a reply; it is put into the form and never sent by itself."""

    __tablename__ = "reply_templates"
    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(60), unique=True)
    text: Mapped[str] = mapped_column(Text)
    retired_at: Mapped[datetime | None]
