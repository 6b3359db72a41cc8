"""The categories of orders."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.desk.models import OrderCategory


@dataclass(frozen=True)
class Category:
    """A category with the profile of terms it brings."""

    code: str
    name: str
    profile: str


_CATEGORIES = select(OrderCategory.code, OrderCategory.name, OrderCategory.profile).order_by(
    OrderCategory.code
)


def categories(session: Session | Connection) -> Sequence[Category]:
    """Every category, in the order of their codes."""
    return [Category(*row) for row in session.execute(_CATEGORIES)]


def category(session: Session | Connection, code: str) -> Category | None:
    """One category by its code."""
    row = session.execute(_CATEGORIES.where(OrderCategory.code == code)).first()
    return None if row is None else Category(*row)
