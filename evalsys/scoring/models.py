"""The sums by day, the running totals made of them, and the cells released to the clerk's side."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base


class DailySum(Base):
    """How many ratings of each level one cell holds.

    Staff 0 and item type '' stand for "not known": a NULL in the key would let an upsert insert twice.
    """

    __tablename__ = "daily_sums"
    __table_args__ = (
        Index("ix_daily_sums_window", "window_id", "day"),
        Index("ix_daily_sums_staff", "staff_id", "day"),
        # A range of days is then read in one piece: rankings take less than half the time on SQLite.
        {"sqlite_with_rowid": False},
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    window_id: Mapped[int] = mapped_column(ForeignKey("service_windows.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    item_type: Mapped[str] = mapped_column(String(2), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    entry: Mapped[str] = mapped_column(String(20), primary_key=True)
    n5: Mapped[int]
    n4: Mapped[int]
    n3: Mapped[int]
    n2: Mapped[int]
    n1: Mapped[int]
    held5: Mapped[int]
    held4: Mapped[int]
    held3: Mapped[int]
    held2: Mapped[int]
    held1: Mapped[int]
    excluded5: Mapped[int]
    excluded4: Mapped[int]
    excluded3: Mapped[int]
    excluded2: Mapped[int]
    excluded1: Mapped[int]
    unscored5: Mapped[int]
    unscored4: Mapped[int]
    unscored3: Mapped[int]
    unscored2: Mapped[int]
    unscored1: Mapped[int]
    bound: Mapped[int]
    assisted: Mapped[int]
    done_yes: Mapped[int]
    done_no: Mapped[int]
    done_asking: Mapped[int]


class ServiceSum(Base):
    """How many services of one cell there were to rate, and for how many a tablet asked."""

    __tablename__ = "service_sums"
    day: Mapped[date] = mapped_column(primary_key=True)
    window_id: Mapped[int] = mapped_column(ForeignKey("service_windows.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    item_type: Mapped[str] = mapped_column(String(2), primary_key=True)
    services: Mapped[int]
    prompted: Mapped[int]


class TagSum(Base):
    """How often a tag was chosen in counted ratings of one cell."""

    __tablename__ = "tag_sums"
    __table_args__ = ({"sqlite_with_rowid": False},)
    day: Mapped[date] = mapped_column(primary_key=True)
    window_id: Mapped[int] = mapped_column(ForeignKey("service_windows.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    tag: Mapped[str] = mapped_column(String(10), primary_key=True)
    n: Mapped[int]


class ItemSum(Base):
    """How often something was said of one item in counted ratings.

    `said` is a level's digit, the answer to 办成了吗? (yes, no, asking), or a tag's code.
    """

    __tablename__ = "item_sums"
    __table_args__ = (
        Index("ix_item_sums_item", "item_id", "day"),
        {"sqlite_with_rowid": False},
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    said: Mapped[str] = mapped_column(String(10), primary_key=True)
    n: Mapped[int]


class TotalDay(Base):
    """A day for which every running total has a row: each day on which one of them moved."""

    __tablename__ = "total_days"
    day: Mapped[date] = mapped_column(primary_key=True)


class _Totals:
    """What one cell holds up to and including a day; entry '' is all entries together.

    Services have no channel and no entry: they stand under channel '' and entry ''. The order of the key lets
    a ranking read its three days in one piece each. There are no foreign keys: the sums of the days have
    them, and to look them up again for every copied row would cost more than the copy.
    """

    day: Mapped[date] = mapped_column(primary_key=True, sort_order=-6)
    entry: Mapped[str] = mapped_column(String(20), primary_key=True, sort_order=-5)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True, sort_order=-4)
    n5: Mapped[int]
    n4: Mapped[int]
    n3: Mapped[int]
    n2: Mapped[int]
    n1: Mapped[int]
    held: Mapped[int]
    excluded: Mapped[int]
    bound: Mapped[int]
    assisted: Mapped[int]
    services: Mapped[int]
    prompted: Mapped[int]


class WindowTotal(_Totals, Base):
    """The running totals of a window in one unit: for windows and departments."""

    __tablename__ = "window_totals"
    __table_args__ = ({"sqlite_with_rowid": False},)
    window_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-3)
    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-2)


class StaffTotal(_Totals, Base):
    """The running totals of a clerk in one unit and one hall; staff 0 stands for nobody.

    What a clerk is not scored for stands with nobody's.
    """

    __tablename__ = "staff_totals"
    __table_args__ = ({"sqlite_with_rowid": False},)
    staff_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-3)
    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-2)
    hall_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-1)


class ReleasedCell(Base):
    """A closed period's sums of a window, or of its parts, as last released to the clerk's side."""

    __tablename__ = "released_cells"
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    starts: Mapped[date] = mapped_column(primary_key=True)
    window_id: Mapped[int] = mapped_column(ForeignKey("service_windows.id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(10), primary_key=True)
    part_key: Mapped[str] = mapped_column(String(20), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    n5: Mapped[int]
    n4: Mapped[int]
    n3: Mapped[int]
    n2: Mapped[int]
    n1: Mapped[int]
    released_at: Mapped[datetime]


class FormulaVersion(Base):
    """A version of the formulas with the settings that move scores, and since when it is in force."""

    __tablename__ = "formula_versions"
    version: Mapped[str] = mapped_column(String(40), primary_key=True)
    points: Mapped[str] = mapped_column(String(60))
    min_n_rate: Mapped[int]
    min_n_rank: Mapped[int]
    since: Mapped[datetime]


class RankRun(Base):
    """The statistics of one subject over closed days: by which formulas, and from which counts."""

    __tablename__ = "rank_runs"
    subject: Mapped[str] = mapped_column(String(20), primary_key=True)
    first: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[date] = mapped_column(primary_key=True)
    formulas: Mapped[str] = mapped_column(String(40))
    counts_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


class RankPlace(Base):
    """Where one row stands by such statistics; without an interval where it takes no part in the ranking."""

    __tablename__ = "rank_places"
    subject: Mapped[str] = mapped_column(String(20), primary_key=True)
    first: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[date] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    shrunk: Mapped[float]
    best: Mapped[int | None]
    worst: Mapped[int | None]
    band: Mapped[int | None]
    top: Mapped[float | None]
    bottom: Mapped[float | None]
