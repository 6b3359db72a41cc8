"""How a day is sealed: one text for each entry, a tree over a day's entries, a chain of days.

The tree is that of RFC 6962, section 2.1 (certificate transparency): a leaf is hashed behind a zero byte, two
nodes behind a one byte, and n leaves are split at the largest power of two below n. So no leaf can pass for a
node, and a tree over whole blocks of 1,024 leaves is the same as the one over the leaves themselves.
"""

import hashlib
import hmac
import importlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from evalsys.kernel.refusals import Refused

ALGORITHMS = ("sha256", "sm3")
FORM = "evalsys-seal-1"  # of everything below: a change of it is a change of this name
FORM_WITH_JOURNAL = "evalsys-seal-2"  # of a seal that also says where the journal ended
BLOCK = 1024  # leaves; a power of two, so that blocks are whole branches of the tree
FIRST = bytes(32)  # what the first seal follows

# One for all: to make an encoder costs as much as to use it.
_WRITER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))

PEOPLE = ("proposed_by", "decided_by")  # account ids
# What a rating was sent with: its hashes have no salt, so who was chosen could be tried against them.
SENT = ("key", "content_hash", "receipt_hash")
_HIDDEN: Mapping[str, tuple[str, ...]] = {"people": PEOPLE, "submission": SENT}

# A rating belongs to the minute before midnight and is committed seconds after it.
GRACE = timedelta(minutes=10)

_LEAF, _NODE, _SEAL = b"\x00", b"\x01", b"\x02"


class NotClosed(Refused):
    """A day that has not ended, or not for long enough."""


def _sm3(content: bytes) -> bytes:
    # Loaded by those who chose it.
    hashes = importlib.import_module("cryptography.hazmat.primitives.hashes")
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return bytes(digest.finalize())


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


_DIGESTS: Mapping[str, Callable[[bytes], bytes]] = {"sha256": _sha256, "sm3": _sm3}


def canonical(content: Mapping[str, Any]) -> str:
    """The one JSON text of a content: keys sorted, no blanks, letters as they are."""
    return _WRITER.encode(content)


def blind(salt: bytes, *parts: object) -> str:
    """What makes a text nobody can guess from its hash: an HMAC under the rating's own salt.

    Each entry has another one, so that showing one entry tells nothing about the others of its rating.
    """
    return hmac.digest(salt, " ".join(map(str, parts)).encode(), "sha256").hex()


def text_of(kind: str, rating_id: int, seq: int, says: Mapping[str, Any], salt: bytes) -> str:
    """The text of an entry that is hashed, and shown in a proof: what it is about, what makes it unguessable,
    and what it says.

    The accounts of those who decided, and what a rating was sent with, stand there as a hash under the
    rating's secret: a proof may be shown to anybody, and says nothing about them.
    """
    shown = dict(says)
    for what, names in _HIDDEN.items():
        if not says.keys().isdisjoint(names):
            shown[what] = blind(salt, what, kind, seq, *[shown.pop(name, None) for name in names])
    about = [kind, rating_id, seq]
    return canonical({"about": about, "blind": blind(salt, kind, seq), "says": shown})


def leaf(text: str, algorithm: str) -> bytes:
    """The leaf of an entry's text."""
    return _DIGESTS[algorithm](_LEAF + text.encode())


def empty_root(algorithm: str) -> bytes:
    """The root of a day on which nothing was said: the hash of nothing."""
    return _DIGESTS[algorithm](b"")


def root_of(nodes: Sequence[bytes], algorithm: str) -> bytes:
    """The root over leaves, or over the roots of whole blocks and a last one."""
    digest, level = _DIGESTS[algorithm], list(nodes)
    if not level:
        return empty_root(algorithm)
    while len(level) > 1:
        pairs = [digest(_NODE + level[at] + level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) - len(level) % 2 :]
    return level[0]


@dataclass(frozen=True)
class Step:
    """One step from a leaf to the root: the neighbour's hash, and whether it stands on the left."""

    left: bool
    hash: bytes


def path_of(nodes: Sequence[bytes], place: int, algorithm: str) -> list[Step]:
    """The steps from the node at a place to the root over all of them."""
    digest, level, steps = _DIGESTS[algorithm], list(nodes), []
    while len(level) > 1:
        neighbour = place ^ 1
        if neighbour < len(level):
            steps.append(Step(left=neighbour < place, hash=level[neighbour]))
        pairs = [digest(_NODE + level[at] + level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) - len(level) % 2 :]
        place //= 2
    return steps


def climbed(start: bytes, steps: Iterable[Step], algorithm: str) -> bytes:
    """The root one arrives at from a leaf by its steps."""
    node = start
    for step in steps:
        node = _DIGESTS[algorithm](_NODE + (step.hash + node if step.left else node + step.hash))
    return node


@dataclass(frozen=True)
class SealedDay:
    """One sealed day as everybody may know it; hashes are 32 bytes.

    `journal` is the hash of the journal's last entry when the seal was made; None in seals that are older.
    """

    day: date
    algorithm: str
    entries: int
    root: bytes
    before: bytes
    made_at: datetime
    seal: bytes
    journal: bytes | None = None

    def public(self) -> dict[str, Any]:
        """The day as it stands in files and in proofs."""
        return statement(self) | {"seal": self.seal.hex()}


def statement(day: SealedDay) -> dict[str, Any]:
    """What a day's seal says; the instant is in UTC."""
    said = {
        "form": FORM,
        "day": day.day.isoformat(),
        "algorithm": day.algorithm,
        "entries": day.entries,
        "root": day.root.hex(),
        "before": day.before.hex(),
        "made_at": day.made_at.isoformat(),
    }
    if day.journal is None:
        return said
    return said | {"form": FORM_WITH_JOURNAL, "journal": day.journal.hex()}


def sealed(day: SealedDay) -> SealedDay:
    """The day with its seal: the hash over what it says, the seal of the day before included."""
    text = canonical(statement(day))
    return replace(day, seal=_DIGESTS[day.algorithm](_SEAL + text.encode()))


class NotAnAnchor(ValueError):
    """A file that is no anchor."""


@dataclass(frozen=True)
class Anchor:
    """Seals as they were at some time, kept where nobody who can change the database can change them."""

    days: tuple[SealedDay, ...]

    def written(self) -> str:
        """The text of an anchor file: JSON, the latest day first."""
        days = [day.public() for day in self.days]
        return json.dumps({"form": FORM, "seals": days}, ensure_ascii=False, indent=1)

    @classmethod
    def read(cls, text: str) -> "Anchor":
        """The anchor in a file's text; raises NotAnAnchor."""
        try:
            return cls(tuple(_read_day(day) for day in json.loads(text)["seals"]))
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise NotAnAnchor("not an anchor of seals") from fault


def _read_day(kept: Mapping[str, Any]) -> SealedDay:
    root, before, seal = (bytes.fromhex(kept[name]) for name in ("root", "before", "seal"))
    day, made_at = date.fromisoformat(kept["day"]), datetime.fromisoformat(kept["made_at"])
    journal = None if kept.get("journal") is None else bytes.fromhex(kept["journal"])
    return SealedDay(day, str(kept["algorithm"]), int(kept["entries"]), root, before, made_at, seal, journal)


def last_closed_day(now: datetime, day_of: Callable[[datetime], date]) -> date:
    """The last day that has been over for ten minutes, by the hall's clock that is given."""
    return day_of(now - GRACE) - timedelta(days=1)


def belongs_to(moment: date | None, first_open: date, last: date) -> date | None:
    """The day an entry of a moment is sealed in; None while that day is not closed.

    An entry that came late, its own day being sealed already, and one without a moment are sealed in the
    first day that is still open.
    """
    day = first_open if moment is None else max(moment, first_open)
    return None if day > last else day
