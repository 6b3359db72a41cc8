"""What the ratings of a case say, as openly as the reader's part allows."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.evaluation.queries import ratings, records
from evalsys.evaluation.queries.records import Chosen
from evalsys.kernel.access import Actor
from evalsys.kernel.masking import masked
from evalsys.rectification.queries.story import Story
from evalsys.rectification.rules import SEE_EVERY_CASE

MOST_SHOWN = 20


@dataclass(frozen=True)
class Spoken:
    """One rating of a case: its level, what was chosen, and the words where the reader may have them."""

    level: int
    tags: tuple[Chosen, ...]
    text: str


def may_read_words(found: Story, actor: Actor) -> bool:
    """Whether somebody reads what raters wrote: never the clerk's side, never the person it is about."""
    return not found.is_clerks_side and actor.staff_id not in found.case.rated_staff


def spoken(session: Session | Connection, found: Story, actor: Actor) -> Sequence[Spoken]:
    """What the ratings of a case say now; to the owner's side numbers that lead to a person are masked."""
    if not may_read_words(found, actor):
        return []
    said = [ratings.said(session, root) for root in found.roots[:MOST_SHOWN]]
    present = [one for one in said if one is not None]
    tags, _texts = records.said_with(session, [one.current for one in present])
    openly = bool(actor.roles & SEE_EVERY_CASE)
    return [
        Spoken(
            one.level, tags.get((one.current, one.reasons_seq), ()), one.text if openly else masked(one.text)
        )
        for one in present
    ]
