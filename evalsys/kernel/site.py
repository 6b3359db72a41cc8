"""What kind of site this database is: a demo or a real one; said once, for ever."""

from flask import current_app
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.kernel.models import SiteFact

KIND = "kind"
DEMO = "demo"
REAL = "real"


def kind(session: Session | Connection) -> str | None:
    """'demo', 'real', or None while the place is still empty."""
    return session.execute(select(SiteFact.value).where(SiteFact.name == KIND)).scalar()


def declare(session: Session, as_kind: str) -> None:
    """Say what kind of site this is; the first word stands."""
    if kind(session) is None:
        session.add(SiteFact(name=KIND, value=as_kind))
        session.flush()


def is_demo(session: Session | Connection) -> bool:
    """Whether pages and sheets must carry 演示数据; asked of the database until the kind is known."""
    known = current_app.extensions.setdefault("evalsys.site", {})
    if KIND not in known:
        found = kind(session)
        if found is None:
            return False
        known[KIND] = found
    return bool(known[KIND] == DEMO)
