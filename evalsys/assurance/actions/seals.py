"""Sealing the days that are closed, piece by piece: no piece keeps those who rate waiting."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from sqlalchemy import Connection, delete, insert, text, update
from sqlalchemy.orm import Session

from evalsys.assurance.models import Seal, SealBlock, SealedEntry, SealSweep
from evalsys.assurance.queries import seals
from evalsys.assurance.queries.seals import Sweep
from evalsys.assurance.rules import seals as rules
from evalsys.assurance.rules.seals import SealedDay
from evalsys.evaluation.queries import entries
from evalsys.evaluation.queries.entries import Entry
from evalsys.kernel import clock, journal, settings
from evalsys.kernel.statements import Prepared

LOOKED_AT = 50_000  # ratings that one piece looks at: a walk along two indexes
TAKEN = 2_000  # ratings with something new that one piece takes in
AT_ONCE = 400  # ratings whose rows are read by one statement
CLOSED = 50_000  # leaves after which a piece closes no further day
_LOCK = 0x7365616C  # "seal"
_BEGINNING, _END = -1, seals.LARGEST  # below and above every rating's id

_NEW_ENTRIES = Prepared(SealedEntry)


@dataclass(frozen=True)
class Piece:
    """What one piece of sealing did, and whether anything is left to do."""

    entries: int
    days: int
    is_last: bool


NOTHING_LEFT = Piece(0, 0, is_last=True)


def seal_piece(session: Session, now: datetime, until: date | None = None) -> Piece:
    """Take in some entries, or close some days: those that are over, or those up to `until`.

    Raises NotClosed where `until` is not over for ten minutes yet. What is begun is ended first.
    """
    closed = rules.last_closed_day(now, clock.day_of)
    if until is not None and until > closed:
        raise rules.NotClosed("这一天还没有结束满10分钟,不能封存:{day}。", day=until.isoformat())
    _come_one_by_one(session)
    sweep = seals.present_sweep(session) or _begin(session, until or closed)
    if sweep is None:
        return NOTHING_LEFT
    if sweep.mark == _END:
        return _close(session, sweep, now)
    return Piece(_take_in(session, sweep), 0, is_last=False)


def _come_one_by_one(session: Session) -> None:
    """Let one worker seal at a time; on SQLite whoever writes is alone anyway."""
    if session.connection().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def seal_in_time(session: Session, now: datetime) -> None:
    """One piece of sealing, for the worker that looks every half minute."""
    seal_piece(session, now)


def _begin(session: Session, until: date) -> Sweep | None:
    """Begin a search, unless everything is sealed or nobody has rated yet."""
    if _first_open(session) > until:
        return None
    sweep = Sweep(until, settings.current().seal_digest, _BEGINNING)
    session.execute(insert(SealSweep).values(until=sweep.until, algorithm=sweep.algorithm, mark=sweep.mark))
    return sweep


def _first_open(session: Session | Connection) -> date:
    """The first day without a seal; a day nobody will see where nobody has rated yet."""
    last = seals.last_seal(session)
    if last is not None:
        return last.day + timedelta(days=1)
    return entries.first_day(session) or date.max


def _take_in(session: Session, sweep: Sweep) -> int:
    """Give a leaf to every unsealed entry among the next ratings; how many there were."""
    up_to = entries.id_after(session, sweep.mark, LOOKED_AT)
    found = seals.with_unsealed(session, sweep.mark, up_to, TAKEN)
    leaves = _leaves(session, sweep, found)
    _NEW_ENTRIES.run(session.connection(), leaves)
    mark = found[-1] if len(found) == TAKEN else up_to
    session.execute(update(SealSweep).values(mark=_END if mark is None else mark))
    return len(leaves)


def _leaves(session: Session, sweep: Sweep, rating_ids: list[int]) -> list[dict[str, object]]:
    """The rows of the entries that are to be sealed now."""
    first_open = _first_open(session)
    places = seals.next_places(session, first_open - timedelta(days=1))
    found: list[dict[str, object]] = []
    for start in range(0, len(rating_ids), AT_ONCE):
        some = rating_ids[start : start + AT_ONCE]
        sealed = seals.sealed_keys(session, some)
        for entry in entries.entries_of(session, some):
            moment = None if entry.earliest is None else clock.day_of(entry.earliest)
            day = rules.belongs_to(moment, first_open, sweep.until)
            if day is None or (entry.rating_id, entry.kind, entry.seq) in sealed:
                continue
            place = places.get(day, 0)
            places[day] = place + 1
            found.append(_leaf(entry, day, place, sweep.algorithm))
    return found


def _leaf(entry: Entry, day: date, place: int, algorithm: str) -> dict[str, object]:
    said = rules.text_of(entry.kind, entry.rating_id, entry.seq, entry.says, entry.salt)
    return {
        "rating_id": entry.rating_id,
        "kind": entry.kind,
        "seq": entry.seq,
        "day": day,
        "place": place,
        "hash": rules.leaf(said, algorithm),
    }


def _close(session: Session, sweep: Sweep, now: datetime) -> Piece:
    """Seal the next days of a search that has ended, each chained to the one before."""
    day, days, leaves = _first_open(session), 0, 0
    while day <= sweep.until and leaves < CLOSED:
        leaves += _seal(session, day, sweep.algorithm, now)
        day, days = day + timedelta(days=1), days + 1
    if day <= sweep.until:
        return Piece(0, days, is_last=False)
    session.execute(delete(SealSweep))
    return Piece(0, days, is_last=True)


def _seal(session: Session, day: date, algorithm: str, now: datetime) -> int:
    """Write the blocks and the seal of a day; how many leaves it has."""
    leaves, roots, count = seals.leaves(session, day), [], 0
    while block := list(islice(leaves, rules.BLOCK)):
        roots.append(rules.root_of(block, algorithm))
        count += len(block)
    if roots:
        rows = [{"day": day, "number": number, "root": root} for number, root in enumerate(roots)]
        session.execute(insert(SealBlock), rows)
    last = seals.last_seal(session)
    before = last.seal if last else rules.FIRST
    root, made_at = rules.root_of(roots, algorithm), now.replace(microsecond=0)
    ended = journal.head(session)
    known = None if ended is None else bytes.fromhex(ended)
    made = rules.sealed(SealedDay(day, algorithm, count, root, before, made_at, b"", known))
    session.execute(insert(Seal).values(asdict(made)))
    return count
