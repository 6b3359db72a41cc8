"""Whether this process can take a rating now: checks, examined once a second at most and kept between."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from threading import Lock

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.database import db
from evalsys.kernel.refusals import Refused

KEPT = 1.0  # seconds
_EXAMINER = "evalsys.readiness"
_FAULTS = (SQLAlchemyError, Refused, OSError)


@dataclass(frozen=True)
class Finding:
    """What one check found: whether all is well, and figures that say more; nothing personal."""

    ok: bool
    says: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """A check by name; where `matters`, the site takes no rating while it fails."""

    name: str
    find: Callable[[Session, datetime], Finding]
    matters: bool = False


@dataclass(frozen=True)
class Examined:
    """What all checks found together."""

    ready: bool
    checks: Mapping[str, Mapping[str, object]]

    def public(self) -> dict[str, object]:
        """What anybody may know: ready or not."""
        return {"ready": self.ready}

    def whole(self) -> dict[str, object]:
        """What operators read."""
        return asdict(self)


class Examiner:
    """Examines for everybody who asks within the same second."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._checks = checks
        self._one_examines = Lock()
        self._kept: tuple[float, Examined] | None = None

    def examined(self) -> Examined:
        """What the checks found, a second ago at most."""
        with self._one_examines:
            if self._kept is None or time.monotonic() - self._kept[0] > KEPT:
                found = _examine(self._checks)
                # From its end on: what takes long is not begun again at once.
                self._kept = time.monotonic(), found
            return self._kept[1]


def install(app: Flask, checks: Sequence[Check]) -> None:
    """Give the application its checks."""
    app.extensions[_EXAMINER] = Examiner(checks)


def examined() -> Examined:
    """What the present application's checks found, a second ago at most."""
    examiner: Examiner = current_app.extensions[_EXAMINER]
    return examiner.examined()


def _examine(checks: Sequence[Check]) -> Examined:
    found, ready = {}, True
    for check in checks:
        began = time.monotonic()
        finding = _found(check)
        ready = ready and (finding.ok or not check.matters)
        took = round((time.monotonic() - began) * 1000)
        found[check.name] = {"ok": finding.ok, "matters": check.matters, "ms": took, **finding.says}
    return Examined(ready, found)


def _found(check: Check) -> Finding:
    session = db.session()
    try:
        return check.find(session, clock.now())
    except _FAULTS as fault:
        return Finding(ok=False, says={"fault": type(fault).__name__})
    finally:
        # The next one begins anew, whatever became of this one's connection. Not removed: whoever asked may
        # hold this very session, and what it takes up after its removal nobody gives back.
        session.close()
