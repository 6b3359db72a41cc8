"""Telling people of a case: a desk by its role, the owner unit's people within their unit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from evalsys.kernel import notices
from evalsys.rectification.rules.announcing import WITHIN_THE_OWNER_UNIT


@dataclass(frozen=True)
class News:
    """A sentence about a case with its values; the same key tells each role once."""

    no: str
    sentence: str
    values: Mapping[str, object]
    key: str
    at: datetime


def tell(connection: Connection, roles: Iterable[str], owner_unit_id: int | None, news: News) -> None:
    """Tell each role; those of the owner unit only within it, and not at all before there is one."""
    for role in roles:
        within = role in WITHIN_THE_OWNER_UNIT
        if within and owner_unit_id is None:
            continue
        notices.notify(
            connection,
            to_role=role,
            to_unit=owner_unit_id if within else None,
            sentence=news.sentence,
            values=news.values,
            link=f"/cases/{news.no}",
            dedupe_key=f"{news.key}:{role}",
            at=news.at,
        )
