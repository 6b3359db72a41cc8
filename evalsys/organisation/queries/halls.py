"""A hall as people find their way in it: its zones with their windows, and what is done at each."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.orm import Session

from evalsys.kernel.access import EVERYTHING
from evalsys.organisation.models import Hall, Import, Item, ItemAlias, ItemWindow, Window, Zone
from evalsys.organisation.queries import places
from evalsys.organisation.queries.places import Place
from evalsys.organisation.rules import public_order


@dataclass(frozen=True)
class HallFound:
    """A hall by its code."""

    id: int
    code: str
    name: str


@dataclass(frozen=True)
class ZoneOfWindows:
    """A named part of a hall with its open windows in the order of their numbers; id 0 is none of them."""

    id: int
    name: str
    windows: tuple[Place, ...]


@dataclass(frozen=True)
class NamedItem:
    """An item as people may call it, and the windows of the hall that handle it."""

    item_id: int
    name: str
    aliases: tuple[str, ...]
    window_ids: tuple[int, ...]


def hall_by_code(session: Session | Connection, code: str) -> HallFound | None:
    """A hall by the code in its addresses."""
    row = session.execute(select(Hall.id, Hall.code, Hall.name).where(Hall.code == code)).first()
    return None if row is None else HallFound(*row)


def open_windows(session: Session | Connection, hall_id: int, day: date) -> list[Place]:
    """The windows of a hall that are open on a day, in the order of their numbers."""
    everywhere = places.places_in(session, EVERYTHING, day)
    return [place for place in everywhere if place.hall_id == hall_id and place.is_open]


def zones_of_hall(session: Session | Connection, hall_id: int, day: date) -> list[ZoneOfWindows]:
    """The zones of a hall as its map places them, those without a place by name; then what is in no zone."""
    zone_of: dict[int, int | None] = {
        window: zone
        for window, zone in session.execute(
            select(Window.id, Window.zone_id).where(Window.hall_id == hall_id)
        )
    }
    inside: dict[int, list[Place]] = defaultdict(list)
    for place in open_windows(session, hall_id, day):
        inside[zone_of[place.window_id] or 0].append(place)
    rows = session.execute(select(Zone.id, Zone.name, Zone.map_place).where(Zone.hall_id == hall_id))
    placed = sorted(
        (at is None, public_order(at or ""), public_order(name), zone_id, name) for zone_id, name, at in rows
    )
    named = [ZoneOfWindows(zone_id, name, tuple(inside[zone_id])) for *_, zone_id, name in placed]
    named = [zone for zone in named if zone.windows]
    return [*named, ZoneOfWindows(0, "", tuple(inside[0]))] if inside[0] else named


def named_items(session: Session | Connection, hall_id: int, day: date) -> list[NamedItem]:
    """The items handled in a hall on a day, the frequent ones first, each with its aliases and windows."""
    aliases: dict[int, list[str]] = defaultdict(list)
    for item_id, alias in session.execute(
        select(ItemAlias.item_id, ItemAlias.alias).order_by(ItemAlias.item_id, ItemAlias.alias)
    ):
        aliases[item_id].append(alias)
    open_ids = {place.window_id for place in open_windows(session, hall_id, day)}
    found: dict[int, tuple[str, list[int]]] = {}
    for item_id, name, window_id in session.execute(
        select(Item.id, Item.name, ItemWindow.window_id)
        .join(ItemWindow, ItemWindow.item_id == Item.id)
        .where(
            or_(Item.from_day.is_(None), Item.from_day <= day), or_(Item.to_day.is_(None), Item.to_day >= day)
        )
        .order_by(Item.high_frequency.desc(), Item.name, Item.id, ItemWindow.window_id)
    ):
        if window_id in open_ids:
            found.setdefault(item_id, (name, []))[1].append(window_id)
    return [
        NamedItem(item_id, name, tuple(aliases[item_id]), tuple(windows))
        for item_id, (name, windows) in found.items()
    ]


def state_of_items(session: Session | Connection) -> tuple[int, ...]:
    """What changes whenever items do: the last import, and how many items, aliases and places there are."""
    counted = [select(func.count()).select_from(model).scalar_subquery() for model in (Item, ItemAlias)]
    placed = select(func.count()).select_from(ItemWindow).scalar_subquery()
    row = session.execute(select(func.coalesce(func.max(Import.id), 0), *counted, placed)).one()
    return tuple(int(number) for number in row)
