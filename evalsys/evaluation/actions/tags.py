"""The tag dictionary: the national list of reasons, loaded when a database is made or upgraded."""

import csv
from importlib import resources

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Tag
from evalsys.evaluation.rules import DICTIONARY


def load_national_tags(session: Session) -> None:
    """Load the 40 national tags (评价详情, eight a level) once; a loaded version is never changed."""
    if session.scalar(select(Tag.code).where(Tag.version == DICTIONARY).limit(1)):
        return
    source = resources.files("evalsys.evaluation").joinpath("national_tags.csv")
    with source.open(encoding="utf-8") as lines:
        session.execute(insert(Tag), [_tag(row) for row in csv.DictReader(lines)])


def _tag(row: dict[str, str]) -> dict[str, object]:
    return {
        "version": DICTIONARY,
        "code": row["code"],
        "level": int(row["level"]),
        "text": row["text"],
        "plain": row["plain"],
        "en": row["en"],
        "attribution": row["attribution"],
        "shown_first": row["shown_first"] == "1",
        "clue": row["clue"] == "1",
    }
