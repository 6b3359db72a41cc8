"""The ids behind the numbers, codes and names of the demo hall, once it has been imported."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from evalsys.demo.items import Item
from evalsys.kernel.access import EVERYTHING
from evalsys.organisation.queries import directory, places
from evalsys.organisation.queries.places import Place


@dataclass(frozen=True)
class Known:
    """Windows by public number, staff by number, items (id and type) by task code."""

    places: Mapping[str, Place]
    staff: Mapping[str, int]
    items: Mapping[str, tuple[int, str]]


def known_hall(session: Session, items: Iterable[Item], today: date) -> Known:
    """Look up what the import has stored."""
    found = {place.number: place for place in places.places_in(session, EVERYTHING, today)}
    staff = {person.staff_no: person.id for person in directory.staff_on(session, today).values()}
    named = {
        matter.name: (matter.item_id, matter.item_type)
        for place in found.values()
        for matter in places.matters_of_window(session, place.window_id, today)
    }
    return Known(found, staff, {item.task_code: named[item.name] for item in items})
