"""Reading window codes: the one a phone scanned, the ones that hang in the hall, the ones nobody scanned."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select
from sqlalchemy.orm import Session

from evalsys.evaluation.codes import check
from evalsys.evaluation.codes.orders import State, Wanted
from evalsys.evaluation.codes.sheets import Poster, rating_address
from evalsys.evaluation.models import WindowCode
from evalsys.kernel import clock, secrets
from evalsys.kernel.access import Scope
from evalsys.organisation.queries import places, units
from evalsys.organisation.queries.places import Place

PER_PAGE = 50


@dataclass(frozen=True)
class ScannedCode:
    """What a scanned code stands for; a revoked one leads to a friendly page, not to a form."""

    code_id: int
    window_id: int
    version: int
    revoked: bool
    last_scanned_day: date | None


@dataclass(frozen=True)
class CurrentCode:
    """The newest code of a window, revoked or not; `text` is what the picture holds."""

    code_id: int
    version: int
    text: str
    issued_at: datetime
    revoked_at: datetime | None
    reason: str
    last_scanned_day: date | None
    place: Place

    @property
    def is_revoked(self) -> bool:
        """Whether the window now hangs without a valid code."""
        return self.revoked_at is not None

    @property
    def issued_on(self) -> date:
        """The day it was issued."""
        return clock.day_of(self.issued_at)

    @property
    def printed(self) -> str:
        """The code as people read it."""
        return check.grouped(self.text)

    @property
    def names(self) -> tuple[str, str]:
        """What its window may be asked for by: the lasting code and the public number."""
        return self.place.code, self.place.number

    def poster(self, base_url: str) -> Poster:
        """What its poster says."""
        return Poster(
            window=self.place.code,
            hall=self.place.hall_name,
            number=self.place.number,
            department=self.place.unit_name,
            code=self.printed,
            version=self.version,
            address=rating_address(base_url, self.text),
        )


# Built once: this runs for every scan.
_SCANNED = select(
    WindowCode.id,
    WindowCode.window_id,
    WindowCode.version,
    WindowCode.revoked_at.is_not(None),
    WindowCode.last_scanned_day,
).where(WindowCode.id == bindparam("code_id"))


def code_for_scan(
    session: Session | Connection, text: str, keys: Mapping[int, bytes] | None = None
) -> ScannedCode | None:
    """The code behind the end of a scanned or typed address; None where it was mistyped or never issued.

    `keys` spares the look-up where the caller has kept them.
    """
    found = check.code_id_of(text, keys or secrets.code_keys(session))
    if found is None:
        return None
    row = session.execute(_SCANNED, {"code_id": found[0]}).first()
    return None if row is None else ScannedCode(*row)


def current_codes(session: Session | Connection, scope: Scope, day: date) -> list[CurrentCode]:
    """The newest code of every window of a scope that has one, by hall and public number."""
    keys = secrets.code_keys(session)
    newest = {code.window_id: code for code in _newest(session)}
    return [
        CurrentCode(
            code_id=code.id,
            version=code.version,
            text=check.window_code(code.id, keys[max(keys)]),
            issued_at=code.issued_at,
            revoked_at=code.revoked_at,
            reason=code.reason,
            last_scanned_day=code.last_scanned_day,
            place=place,
        )
        for place in places.places_in(session, scope, day)
        if (code := newest.get(place.window_id))
    ]


def never_scanned(codes: Iterable[CurrentCode]) -> list[CurrentCode]:
    """Of some codes the valid ones no phone has ever scanned: hung in the wrong place, or not hung."""
    return [code for code in codes if not code.is_revoked and code.last_scanned_day is None]


def narrowed(codes: Iterable[CurrentCode], wanted: Wanted) -> list[CurrentCode]:
    """Of some codes those a filter asks for."""
    codes = [
        code
        for code in codes
        if wanted.hall in ("", code.place.hall_code) and wanted.unit_id in (0, code.place.unit_id)
    ]
    if wanted.state is State.NEVER_SCANNED:
        return never_scanned(codes)
    return [code for code in codes if code.is_revoked or wanted.state is not State.REVOKED]


def printable(codes: Iterable[CurrentCode], windows: Collection[str] = ()) -> list[CurrentCode]:
    """Of some codes the valid ones, of the windows named by code or bare number, or of all."""
    return [
        code
        for code in codes
        if not code.is_revoked and (not windows or any(name in windows for name in code.names))
    ]


@dataclass(frozen=True)
class Listing:
    """One page of the codes of a scope, with the counts and the choices above it."""

    codes: list[CurrentCode]
    page: int
    pages: int
    found: int
    printable: int
    all: int
    valid: int
    never: int
    halls: list[tuple[str, str]]
    units: list[tuple[str, str]]


def listing(session: Session | Connection, scope: Scope, day: date, wanted: Wanted, page: int) -> Listing:
    """The codes a filter asks for, 50 a page; a page beyond the last one is the last one."""
    everything = current_codes(session, scope, day)
    found = narrowed(everything, wanted)
    pages = max(1, -(-len(found) // PER_PAGE))
    names = {code.place.unit_id: code.place.unit_name for code in everything}
    page = min(max(page, 1), pages)
    return Listing(
        codes=found[(page - 1) * PER_PAGE : page * PER_PAGE],
        page=page,
        pages=pages,
        found=len(found),
        printable=len(printable(found)),
        all=len(everything),
        valid=len(printable(everything)),
        never=len(never_scanned(everything)),
        halls=sorted({(code.place.hall_code, code.place.hall_name) for code in everything}),
        units=sorted(
            (unit_code, names[unit_id])
            for unit_code, unit_id in units.unit_codes(session).items()
            if unit_id in names
        ),
    )


def current_code(session: Session | Connection, scope: Scope, day: date, code_id: int) -> CurrentCode | None:
    """One code, if it is the newest of a window in the scope."""
    return next((code for code in current_codes(session, scope, day) if code.code_id == code_id), None)


_TEXT = (
    select(WindowCode.id, WindowCode.revoked_at)
    .where(WindowCode.window_id == bindparam("window_id"))
    .order_by(WindowCode.version.desc())
    .limit(1)
)


def text_of_window(session: Session | Connection, window_id: int) -> str | None:
    """What the code that hangs at a window says; None where there is none or it has been revoked."""
    row = session.execute(_TEXT, {"window_id": window_id}).first()
    if row is None or row.revoked_at is not None:
        return None
    keys = secrets.code_keys(session)
    return check.window_code(row.id, keys[max(keys)])


def windows_without_code(session: Session | Connection, scope: Scope, day: date) -> list[Place]:
    """The windows of a scope that have not ended and never had a code."""
    with_code = set(session.execute(select(WindowCode.window_id).distinct()).scalars())
    return [place for place in places.places_in(session, scope, day) if place.window_id not in with_code]


def _newest(session: Session | Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    last = (
        select(WindowCode.window_id, func.max(WindowCode.version).label("version"))
        .group_by(WindowCode.window_id)
        .subquery()
    )
    columns = WindowCode.__table__.c
    return session.execute(
        select(*columns).join(
            last, (columns.window_id == last.c.window_id) & (columns.version == last.c.version)
        )
    ).all()
