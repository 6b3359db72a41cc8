"""Every page and JSON address of the site, asked for by each role that may, with parts that exist."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from werkzeug.routing import Rule

from evalsys.identity.rules import sees_whole_site
from evalsys.kernel.access import Permission, access_of
from evalsys.kernel.database import db
from evalsys.rectification.rules.figures import Figure
from tests.builders import signed_in
from tests.growth.hall import BigHall

ANYBODY = "anybody"
# Addresses whose question makes the cost: what is asked for beyond the default.
ASKED = {
    "/comments": (
        *("level=1", "words=1", "channel=back-to-back", "window={window}", "hall={hall}&level=2"),
        *("department={unit}", "staff={staff}", "from=2020-01-01", "after={today}.99"),
    ),
    "/api/v1/ratings": ("from=2020-01-01", "entry=kiosk", "cursor={today}.99"),
    "/rankings/windows": ("from=2020-01-01", "channel=on-the-go", "department={unit}"),
    "/indicators/own": ("from=2020-01-01", "department={unit}"),
    "/indicators/moved": ("period=2026-Q1",),
    "/cases": ("light=red", "state=CALLBACK", "kind=rating", "department={unit}"),
    "/cases/all": ("no={no}", "state=CLOSED", "state=NEW", "department={unit}"),
    "/rankings/staff": ("entry=kiosk", "hall={hall}", "window={window}"),
}

# What a part of an address means where another one has the same name.
OWN_PARTS = (
    ("/q/", "code", "text"),
    ("/s/", "token", "link"),
    ("/t/", "token", "ticket"),
    ("/admin/organisation/units/", "code", "unit"),
    ("/board/", "token", "board"),
    ("/bulletins/", "public_id", "bulletin"),
    ("/admin/bulletins/", "public_id", "bulletin"),
)


@dataclass(frozen=True)
class Asked:
    """One address as one role asks for it."""

    role: str
    address: str
    client: Any

    def __str__(self) -> str:
        return f"{self.role} {self.address}"

    def answer(self) -> int:
        """The status of the answer, all of it read."""
        return int(self.client.get(self.address, buffered=True).status_code)


def everything_asked(hall: BigHall, *, each_role: bool) -> list[Asked]:
    """Each address for each role that may see it, and the citizens' and devices' own.

    Without each role: for one that sees the whole site, and one that sees its own units.
    """
    with hall.app.app_context():
        parts = _parts(hall)
        rules = [rule for rule in hall.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
        rules = [rule for rule in rules if rule.endpoint != "static"]
    asked = []
    for rule in sorted(rules, key=str):
        guard = access_of(hall.app.view_functions[rule.endpoint])
        for address in _addresses(rule, parts):
            if isinstance(guard, Permission):
                roles = sorted(guard.roles) if each_role else _far_and_near(guard)
                asked += [Asked(role, address, None) for role in roles]
            else:
                machine = {"/kiosk": hall.kiosk, "/counter": hall.tablet}.get("/" + address.split("/")[1])
                client = machine.client if machine else hall.app.test_client()
                asked.append(Asked(ANYBODY, address, client))
    known = {
        role: signed_in(hall.app, role, parts["unit"]) for role in {one.role for one in asked} - {ANYBODY}
    }
    return [Asked(one.role, one.address, one.client or known[one.role]) for one in asked]


def _far_and_near(guard: Permission) -> list[str]:
    """One of the roles that see everything, and one of those that see their own units only."""
    far = sorted(role for role in guard.roles if sees_whole_site({role}))
    near = sorted(role for role in guard.roles if not sees_whole_site({role}))
    return far[:1] + near[:1]


def _parts(hall: BigHall) -> dict[str, str]:
    one = {
        "unit": f"SELECT code FROM units WHERE id = {hall.code.place.unit_id}",
        # Somebody of whom there is nothing to find: the search goes as far as it ever does.
        "staff": "SELECT staff_no FROM staff WHERE id NOT IN "
        "(SELECT staff_id FROM attributions WHERE staff_id IS NOT NULL)",
        "duty_id": f"SELECT id FROM duties WHERE window_id = {hall.code.place.window_id}",
        "device_id": "SELECT id FROM devices",
        "account_id": "SELECT id FROM accounts",
        "today": "SELECT MAX(counts_on) FROM ratings",
        "appeal_id": "SELECT MAX(id) FROM appeals",
        "draft_id": "SELECT MAX(id) FROM refusal_drafts",
        "hit_id": "SELECT MAX(id) FROM signal_hits",
        "proposal_id": "SELECT MAX(id) FROM standing_proposals",
        "root": "SELECT MAX(rating_id) FROM standings",
    }
    with db.engine.connect() as connection:
        found = {name: str(connection.execute(text(query)).scalar()) for name, query in one.items()}
    place = hall.code.place
    return found | {
        "code_id": str(hall.code.code_id),
        "window": place.code,
        "hall": place.hall_code,
        "receipt": hall.receipt,
        "public_id": hall.tablet.public_id,
        "service": hall.service["id"],
        "no": hall.case_no,
        "board": hall.board,
        "bulletin": hall.bulletin,
        "sha256": "none",
        **dict.fromkeys(("day", "count", "nth"), "1"),
        "name": Figure.CONTACTED.value,
        "key": "none",
        "code": place.code,
        "text": hall.code.text,
        "link": hall.service["rating_url"].rsplit("/", 1)[1],
        "ticket": hall.service["ticket_url"].rsplit("/", 1)[1],
    }


def _addresses(rule: Rule, parts: dict[str, str]) -> Iterator[str]:
    """The addresses of a route, with each choice it offers and with what is asked for beyond the default."""
    own = {place: parts[name] for start, place, name in OWN_PARTS if rule.rule.startswith(start)}
    choices = [rule.rule]
    while any("<any(" in address for address in choices):
        choices = [
            re.sub(r"<any\([^>]*>", choice, address, count=1)
            for address in choices
            for choice in re.findall(r"[\w-]+", re.findall(r"<any\(([^)]*)", address)[0])
        ]
    for choice in choices:
        address = re.sub(r"<(?:int:)?(\w+)>", lambda part: (parts | own)[part[1]], choice)
        yield address
        for question in ASKED.get(address, ()):
            yield f"{address}?{question.format(**parts)}"
