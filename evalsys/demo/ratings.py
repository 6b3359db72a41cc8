"""Gives the demo's ratings through the citizen's own actions, many to a transaction."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from random import Random

from sqlalchemy import Connection

from evalsys.demo import served
from evalsys.demo.known import Known
from evalsys.demo.opinions import Said
from evalsys.demo.visits import KIOSK, TABLET, WINDOW_CODE, Heard
from evalsys.evaluation.actions.ratings import correct_rating, record_rating
from evalsys.evaluation.actions.reasons import explain_rating
from evalsys.evaluation.actions.rows import Chance
from evalsys.evaluation.actions.services import rate_service
from evalsys.evaluation.rules import CHANNEL_OF_ENTRY, Answer, Explanation, Visit
from evalsys.kernel.secrets import digest

# A tablet stands at its window and the code hangs there; for the kiosk there is the citizen's word only.
_EVIDENCE = {TABLET: "C", WINDOW_CODE: "C", KIOSK: "D"}
_MENDS_AFTER = timedelta(seconds=20)
_EXPLAINS_AFTER = timedelta(seconds=45)


class Givers:
    """People who rate, correct and explain; each one's keys and ids come from the seed and their number."""

    def __init__(self, known: Known, seed: int) -> None:
        self._known = known
        self._counters = served.Counters(seed)
        self._seed = seed
        self._draw = Random()
        self._chance = Chance(
            new_id=lambda: self._draw.getrandbits(62) + 1, salt=lambda: self._draw.randbytes(16)
        )

    def give(self, connection: Connection, first: int, batch: Iterable[Heard]) -> None:
        """Give every rating of a batch, numbered from `first`, with its correction and reasons."""
        for number, heard in enumerate(batch, start=first):
            self._one(connection, number, heard)

    def root_of(self, number: int) -> int:
        """The id of the rating of that number: the first one drawn after its keys."""
        self._keys(number)
        return self._chance.new_id()

    def _keys(self, number: int) -> tuple[str, str, str]:
        self._draw.seed(f"{self._seed}:{number}")
        key, mending_key, receipt = (f"{self._draw.getrandbits(128):032x}" for _ in range(3))
        return key, mending_key, digest(receipt)

    def _one(self, connection: Connection, number: int, heard: Heard) -> None:
        key, mending_key, receipt_hash = self._keys(number)
        visit = self._visit(heard)
        if served.is_noted(heard):
            visit = replace(visit, evidence="A", service_id=self._counters.note(connection, number, visit))
            rate_service(connection, visit, _answer(heard, key), receipt_hash, self._chance)
        else:
            record_rating(connection, visit, _answer(heard, key), receipt_hash, self._chance)
        if heard.corrected_to is not None:
            at = heard.at + _MENDS_AFTER
            correct_rating(
                connection, receipt_hash, heard.corrected_to, mending_key, now=at, chance=self._chance
            )
        if heard.said is not None and not _at_once(heard):
            explanation = self._explanation(heard.said)
            explain_rating(connection, receipt_hash, explanation, heard.at + _EXPLAINS_AFTER)

    def _visit(self, heard: Heard) -> Visit:
        place = self._known.places[heard.window]
        item_id, item_type = self._known.items[heard.item] if heard.item else (None, "")
        return Visit(
            window_id=place.window_id,
            hall_id=place.hall_id,
            unit_id=place.unit_id,
            entry=heard.entry,
            channel=CHANNEL_OF_ENTRY[heard.entry],
            opened_at=heard.at,
            received_at=heard.at,
            origin="assisted" if heard.assisted else "citizen",
            evidence=_EVIDENCE[heard.entry],
            staff_id=self._known.staff[heard.staff_no] if heard.staff_no else None,
            item_id=item_id,
            item_type=item_type,
            terminal=heard.terminal,
            device=heard.device,
        )

    def _explanation(self, said: Said) -> Explanation:
        item_id, item_type = self._known.items[said.item] if said.item else (None, "")
        return Explanation(
            tags=said.tags,
            text=said.words,
            skip=said.skip,
            done=said.done,
            item_id=item_id,
            item_type=item_type,
            efficiency=said.efficiency,
            manner=said.manner,
            happened=said.happened,
        )


def _at_once(heard: Heard) -> bool:
    """Whether the reasons were sent with the level: on the tablet, and nothing but tags and words."""
    said = heard.said
    return (
        said is not None
        and heard.entry == TABLET
        and heard.corrected_to is None
        and (said.done, said.item, said.efficiency, said.happened) == (None, None, None, None)
    )


def _answer(heard: Heard, key: str) -> Answer:
    if heard.said is None or not _at_once(heard):
        return Answer(heard.level, key)
    return Answer(
        heard.level, key, tags=heard.said.tags, text=heard.said.words or None, skip=heard.said.skip or None
    )
