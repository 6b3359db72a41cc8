"""The list of categories, loaded when a database is made or upgraded."""

import csv
from importlib import resources

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from evalsys.desk.models import OrderCategory


def load_categories(session: Session) -> None:
    """Add the categories of orders that are not there yet; what a site changed stays as it is."""
    known = set(session.scalars(select(OrderCategory.code)))
    source = resources.files("evalsys.desk").joinpath("order_categories.csv")
    with source.open(encoding="utf-8") as lines:
        missing = [row for row in csv.DictReader(lines) if row["code"] not in known]
    if missing:
        session.execute(insert(OrderCategory), missing)
