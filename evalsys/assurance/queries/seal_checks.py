"""Whether everything that was sealed is still there as it was: rows, leaves, trees, the chain, an anchor."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import bindparam, func, select

from evalsys.assurance.models import SealBlock, SealedEntry
from evalsys.assurance.queries import seals
from evalsys.assurance.queries.seals import Reading
from evalsys.assurance.rules import seals as rules
from evalsys.assurance.rules.seals import Anchor, SealedDay
from evalsys.evaluation.queries import entries
from evalsys.evaluation.queries.entries import Entry
from evalsys.evaluation.rules.keys import text_hash
from evalsys.kernel import clock

LOOKED_AT = 50_000  # ratings among which unsealed entries are looked for at a time
AT_ONCE = rules.BLOCK  # ratings whose rows are read by one statement

KINDS = {
    "rating": "评价",
    "reasons": "原因",
    "attribution": "归属",
    "standing": "计入与否",
    "finding": "核实的原因",
    "redaction": "隐去",
}


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was sealed; `day` is the sealed day it belongs to."""

    day: date | None
    what: str

    def __str__(self) -> str:
        return self.what if self.day is None else f"{self.day} {self.what}"


@dataclass(frozen=True)
class _Leaf:
    """A sealed entry as it was kept."""

    rating_id: int
    kind: str
    seq: int
    place: int
    hash: bytes

    def __str__(self) -> str:
        return named(self.kind, self.rating_id, self.seq)


def named(kind: str, rating_id: int, seq: int) -> str:
    """An entry as people call it: the rating's number, and which row of it."""
    return f"评价{rating_id}的{KINDS.get(kind, kind)}" + (f"(第{seq}次)" if seq else "")


def faults(
    session: Reading,
    anchor: Anchor | None = None,
    watched: Callable[[Sequence[SealedDay]], Iterable[SealedDay]] = iter,
) -> Iterator[Fault]:
    """Everything that is not as it was sealed, or as an anchor kept elsewhere says it was.

    `watched` is a caller's way to show how far the look at the days has come.
    """
    days = list(reversed(seals.sealed_days(session)))
    last = days[-1] if days else None
    if anchor is not None:
        yield from faults_of_anchor(days, anchor)
    yield from faults_of_chain(days)
    for day in watched(days):
        if day.algorithm in rules.ALGORITHMS:
            yield from faults_of_day(session, day)
    yield from faults_of_waiting(session, last)
    yield from faults_of_unsealed(session, last)


def faults_of_anchor(days: Iterable[SealedDay], anchor: Anchor) -> Iterator[Fault]:
    """What an anchor, kept elsewhere, says otherwise than the present seals."""
    standing = {day.day: day for day in days}
    for kept in anchor.days:
        now = standing.get(kept.day)
        if now is None:
            yield Fault(kept.day, "锚文件里有这一天的封存,这里没有")
        elif now != kept:
            yield Fault(kept.day, "封存与锚文件不同")


def faults_of_chain(days: Iterable[SealedDay]) -> Iterator[Fault]:
    """Where the chain of days, the first one first, is broken: one left out, or a seal that does not fit."""
    before, expected = rules.FIRST, None
    for day in days:
        if expected is not None and day.day != expected:
            yield Fault(expected, "这一天的封存没有了")
        if day.before != before:
            yield Fault(day.day, "没有接在前一天的封存之后")
        if day.algorithm not in rules.ALGORITHMS or rules.sealed(day) != day:
            yield Fault(day.day, "封存值与它所写的不符")
        before, expected = day.seal, day.day + timedelta(days=1)


def faults_of_day(session: Reading, day: SealedDay) -> Iterator[Fault]:
    """What of a sealed day is not as it was: rows first, then the tree over its leaves."""
    blocks = _blocks(session, day.day)
    roots: list[bytes] = []
    count = 0
    while block := _leaves(session, day.day, count):
        yield from _faults_of_rows(session, day.day, day.algorithm, block)
        number, first, root = len(roots), count, rules.root_of([leaf.hash for leaf in block], day.algorithm)
        if [leaf.place for leaf in block] != list(range(first, first + len(block))):
            yield Fault(day.day, f"第{first + 1}条以后的次序有缺漏")
        if blocks.pop(number, None) != root:
            yield Fault(day.day, f"第{first + 1}至{first + len(block)}条(自{block[0]}起)的封存值被改动过")
        roots.append(root)
        count = block[-1].place + 1
    if count != day.entries:
        yield Fault(day.day, f"封存时有{day.entries}条,现在有{count}条")
    if blocks or rules.root_of(roots, day.algorithm) != day.root:
        yield Fault(day.day, "根值与各条不符")


def faults_of_waiting(session: Reading, last: SealedDay | None) -> Iterator[Fault]:
    """Leaves of days that are not sealed yet, and leaves of days that never were."""
    # In this order: a day that is being sealed meanwhile is still in the search, or has its seal already.
    places = select(SealedEntry.day).group_by(SealedEntry.day).order_by(SealedEntry.day)
    days = session.execute(places).scalars().all()
    sweep = seals.present_sweep(session)
    known = {day.day for day in seals.sealed_days(session)}
    for day in days:
        if day in known:
            continue
        if sweep is None or day > sweep.until or (last is not None and day < last.day):
            yield Fault(day, "这一天有封存的条目,但没有封存值")
            continue
        first = 0
        while block := _leaves(session, day, first):
            yield from _faults_of_rows(session, day, sweep.algorithm, block)
            first = block[-1].place + 1


def faults_of_unsealed(session: Reading, last: SealedDay | None) -> Iterator[Fault]:
    """Rows that say they are older than the last seal, which took in all there were, and are in none."""
    if last is None:
        return
    closed_at, mark = clock.end_of(last.day), -1
    while True:
        up_to = entries.id_after(session, mark, LOOKED_AT)
        found = seals.with_unsealed(session, mark, up_to, AT_ONCE)
        sealed = seals.sealed_keys(session, found)
        there = entries.entries_of(session, found)
        for rating_id in sorted(set(found) - {entry.rating_id for entry in there}):
            yield Fault(None, f"{named('rating', rating_id, 0)}没有了,与它相连的行还在")
        for entry in there:
            if (entry.rating_id, entry.kind, entry.seq) in sealed:
                continue
            if entry.latest is not None and entry.latest <= closed_at:
                name = named(entry.kind, entry.rating_id, entry.seq)
                yield Fault(clock.day_of(entry.latest), f"{name}不在封存之中,是后来放进去的")
            yield from _faults_of_words(session, None, entry)
            if entry.kind == "rating" and entry.says["key"] is None:
                yield Fault(None, f"{named('rating', entry.rating_id, 0)}没有提交的记录")
        if len(found) < AT_ONCE and up_to is None:
            return
        mark = found[-1] if len(found) == AT_ONCE else up_to or mark


_LEAVES = (
    select(*(SealedEntry.rating_id, SealedEntry.kind, SealedEntry.seq, SealedEntry.place, SealedEntry.hash))
    .where(SealedEntry.day == bindparam("day"), SealedEntry.place >= bindparam("first"))
    .order_by(SealedEntry.place)
    .limit(bindparam("most"))
)


def _leaves(session: Reading, day: date, first: int) -> list[_Leaf]:
    """The leaves of a day from a place to the end of its block."""
    most = rules.BLOCK - first % rules.BLOCK
    return [_Leaf(*row) for row in session.execute(_LEAVES, {"day": day, "first": first, "most": most})]


def _blocks(session: Reading, day: date) -> dict[int, bytes]:
    rows = session.execute(select(SealBlock.number, SealBlock.root).where(SealBlock.day == day))
    return {row.number: row.root for row in rows}


def _faults_of_rows(session: Reading, day: date, algorithm: str, block: Iterable[_Leaf]) -> Iterator[Fault]:
    """The sealed entries of a block whose rows are gone or say something else."""
    leaves = list(block)
    wanted = sorted({leaf.rating_id for leaf in leaves})
    present: dict[tuple[int, str, int], Entry] = {}
    for start in range(0, len(wanted), AT_ONCE):
        for entry in entries.entries_of(session, wanted[start : start + AT_ONCE]):
            present[entry.rating_id, entry.kind, entry.seq] = entry
    for leaf in leaves:
        entry_now = present.get((leaf.rating_id, leaf.kind, leaf.seq))
        if entry_now is None:
            yield Fault(day, f"{leaf}没有了")
            continue
        if rules.leaf(_text(entry_now), algorithm) != leaf.hash:
            yield Fault(day, f"{leaf}与封存时不同")
        if entry_now.words is not None or entry_now.words_are_lost:
            yield from _faults_of_words(session, day, entry_now)


def _text(entry: Entry) -> str:
    return rules.text_of(entry.kind, entry.rating_id, entry.seq, entry.says, entry.salt)


def _faults_of_words(session: Reading, day: date | None, entry: Entry) -> Iterator[Fault]:
    """Words that are not those whose hash was sealed; words that were redacted are nobody's fault."""
    if entry.words_are_lost:
        yield Fault(day, f"{named(entry.kind, entry.rating_id, entry.seq)}:原话没有了")
    if entry.words is None:
        return
    hashed = entry.says["text_hash"]
    if hashed == text_hash(entry.salt, entry.words):
        return
    # Words taken over by a correction keep the salt of the row they were written for.
    salts = entries.salts_beside(session, entry.rating_id)
    if hashed not in {text_hash(salt, entry.words) for salt in salts}:
        yield Fault(day, f"{named(entry.kind, entry.rating_id, entry.seq)}:原话与封存时不同")


def leaves_in_all(session: Reading) -> int:
    """How many entries have been given a leaf."""
    return session.execute(select(func.count()).select_from(SealedEntry)).scalar_one()
