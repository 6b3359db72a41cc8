"""What was said: append-only ratings, and what hangs off them in rows of its own."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, BigId, Key, Words


class Rating(Base):
    """One rating, never changed and never deleted; `root` is the first of its chain of corrections."""

    __tablename__ = "ratings"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("kind IN ('first','correction','again','follow_up')", name="kind"),
        CheckConstraint("origin IN ('citizen','assisted','imported','probe')", name="origin"),
        CheckConstraint("channel IN ('face-to-face','back-to-back','on-the-go')", name="channel"),
        CheckConstraint("evidence IN ('A','B','C','D')", name="evidence"),
        CheckConstraint("half_day IN ('am','pm')", name="half_day"),
        CheckConstraint("(kind = 'first') = (root = id)", name="root_is_first"),
        Index("ix_ratings_root", "root"),
        Index("ix_ratings_window_day", "window_id", "counts_on"),
        Index("ix_ratings_day_root", "counts_on", "root"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    root: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(String(10))
    # Unique: two corrections made at once of the same row cannot both stand.
    replaces: Mapped[int | None] = mapped_column(BigId, ForeignKey("ratings.id"), unique=True)
    level: Mapped[int] = mapped_column(SmallInteger)
    channel: Mapped[str] = mapped_column(String(20))
    entry: Mapped[str] = mapped_column(String(20))
    origin: Mapped[str] = mapped_column(String(10))
    evidence: Mapped[str] = mapped_column(String(1))
    window_id: Mapped[int] = mapped_column(ForeignKey("service_windows.id"))
    hall_id: Mapped[int] = mapped_column(ForeignKey("halls.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    item_type: Mapped[str] = mapped_column(String(2))
    counts_on: Mapped[date]
    received_at: Mapped[datetime | None]
    half_day: Mapped[str] = mapped_column(String(2))
    dictionary_version: Mapped[str] = mapped_column(String(20))
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))


class Submission(Base):
    """One key a page or an offline client made: the proof that a double tap is one rating."""

    __tablename__ = "submissions"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    receipt_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    rating_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("ratings.id", deferrable=True, initially="DEFERRED"), unique=True
    )


class Reasons(Base):
    """What the rater added to a rating; a later sequence number replaces the one before in every sum."""

    __tablename__ = "reasons"
    __table_args__ = (
        CheckConstraint("done IN ('yes','no','asking')", name="done"),
        CheckConstraint("efficiency BETWEEN 1 AND 5", name="efficiency"),
        CheckConstraint("manner BETWEEN 1 AND 5", name="manner"),
        CheckConstraint("skip IN ('given','skipped','left')", name="skip"),
    )
    rating_id: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    done: Mapped[str | None] = mapped_column(String(10))
    efficiency: Mapped[int | None] = mapped_column(SmallInteger)
    manner: Mapped[int | None] = mapped_column(SmallInteger)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    item_type: Mapped[str] = mapped_column(String(2))
    happened: Mapped[str | None] = mapped_column(String(20))
    skip: Mapped[str] = mapped_column(String(10))
    text_hash: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime]


class RatingTag(Base):
    """A tag chosen in one set of reasons."""

    __tablename__ = "rating_tags"
    rating_id: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    tag: Mapped[str] = mapped_column(String(10), primary_key=True)


class RatingText(Base):
    """A rater's own words, apart from the rating; the one change ever allowed is to 已隐去."""

    __tablename__ = "rating_texts"
    rating_id: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(150))
    redacted_at: Mapped[datetime | None]


class RatingTrace(Base):
    """The exact second and the device mark of a rating, destroyed within 48 hours."""

    __tablename__ = "rating_traces"
    rating_id: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    terminal: Mapped[str] = mapped_column(String(60))
    device_hash: Mapped[str | None] = mapped_column(String(64))


class TraceKey(Base):
    """The day's key of the device marks; with it destroyed the marks say nothing."""

    __tablename__ = "trace_keys"
    day: Mapped[date] = mapped_column(primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary(32))


class Attribution(Base):
    """Whose work a rating was: decided from duty, mended only by a further row."""

    __tablename__ = "attributions"
    __table_args__ = (
        CheckConstraint("how IN ('queue','sign-in','rota','chosen','conflict','gap','mended')", name="how"),
        CheckConstraint("(staff_id IS NULL) = (how IN ('conflict','gap'))", name="staff_unless_open"),
        CheckConstraint("proposed_by <> decided_by", name="two_people"),
    )
    rating_id: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    how: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[Words] = mapped_column(default="")


class Standing(Base):
    """Whether a rating counts: an append-only decision of two people; no row means counted.

    A hold that nobody decided on in time ends by a row of nobody's.
    """

    __tablename__ = "standings"
    __table_args__ = (
        CheckConstraint("standing IN ('counted','held','excluded')", name="standing"),
        CheckConstraint(
            "(proposed_by IS NOT NULL AND decided_by IS NOT NULL AND proposed_by <> decided_by)"
            " OR (proposed_by IS NULL AND decided_by IS NULL AND standing = 'counted')",
            name="two_people",
        ),
        CheckConstraint("reason <> ''", name="reason"),
        Index("ix_standings_at", "at", "rating_id"),
    )
    rating_id: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    standing: Mapped[str] = mapped_column(String(10))
    reason: Mapped[Words]
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]


class Finding(Base):
    """Where the cause of a bad rating lay, as its closed case found; the last row stands.

    An empty cause takes an earlier finding back: the case was taken up again.
    """

    __tablename__ = "findings"
    __table_args__ = (
        CheckConstraint("cause IN ('person','process','guide','requirement','platform')", name="cause"),
    )
    rating_id: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str | None] = mapped_column(String(20))
    at: Mapped[datetime]


class WindowCode(Base):
    """One printed code of a window; a new version is issued, an old one revoked, none deleted."""

    __tablename__ = "window_codes"
    __table_args__ = (UniqueConstraint("window_id", "version"),)
    id: Mapped[Key]
    window_id: Mapped[int] = mapped_column(ForeignKey("service_windows.id"))
    version: Mapped[int]
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    reason: Mapped[Words] = mapped_column(default="")
    last_scanned_day: Mapped[date | None]


class Tag(Base):
    """A reason tag of the national list, in one version of the dictionary."""

    __tablename__ = "tags"
    version: Mapped[str] = mapped_column(String(20), primary_key=True)
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger)
    text: Mapped[Words]
    plain: Mapped[Words]
    en: Mapped[Words]
    attribution: Mapped[str] = mapped_column(String(20))
    shown_first: Mapped[bool]
    clue: Mapped[bool]
