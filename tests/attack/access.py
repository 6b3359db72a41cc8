"""Who reaches what: every route with its permission and roles, and how far the things its address names go.

`python -m tests.attack.access` writes docs/access.csv anew.
"""

import csv
import io
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from evalsys.app import create_app
from evalsys.identity.rules import ROLES, sees_whole_site
from evalsys.kernel.access import Permission, access_of
from tests.conftest import settings_for

TABLE = Path(__file__).resolve().parents[2] / "docs" / "access.csv"
HEAD = ("route", "method", "guard", "objects", "roles")

# How far what an address names goes; each word is tested in tests/attack/test_objects.py.
UNIT = "own units"  # whoever sees their units only finds nothing of another
SITE = "whole site"  # only roles whose work covers the whole site
OWN = "own account"  # nobody else's, whatever the role
SECRET = "secret"  # whoever knows the address: receipts, links, displays
DEVICE = "device"  # the device itself, by its cookie
SHOWN = "shown to all"  # printed and published for everybody
CHOICE = ""  # no thing of anybody's: a kind, a name of a sheet

_BY_ADDRESS = (
    (r"/account/sessions/|/notices/<", OWN),
    (r"/(admin/organisation|orders)/import/<", OWN),
    (r"/(api/v1/)?cases/<no>", UNIT),
    (r"/admin/(codes|devices)/<", UNIT),
    (r"/console/(hand-over|rota)/", UNIT),
    (r"/fixes/<", UNIT),
    (r"/counter/<|/kiosk/<", DEVICE),
    (r"/(receipt|s|t|board|desk/report)/<", SECRET),
    (r"/(q|desk)/<\w+>$|/bulletins/<", SHOWN),
)


@dataclass(frozen=True)
class Cell:
    """One method of one route."""

    rule: Rule
    method: str
    guard: str | Permission
    roles: frozenset[str]

    @property
    def objects(self) -> str:
        """How far what the address names goes."""
        if not re.search(r"<(?!any)", self.rule.rule) or self.rule.rule == "/cases/figures/<name>":
            return CHOICE
        return next((far for form, far in _BY_ADDRESS if re.match(form, self.rule.rule)), SITE)

    @property
    def bounded(self) -> list[str]:
        """The roles that see their own units only."""
        return sorted(role for role in self.roles if not sees_whole_site(frozenset({role})))


def cells(app: Flask) -> Iterator[Cell]:
    """Every method of every route, in the order of the table."""
    found = []
    for rule in app.url_map.iter_rules():
        guard = access_of(app.view_functions[rule.endpoint]) if rule.endpoint != "static" else None
        if guard is None:
            continue
        roles = guard.roles if isinstance(guard, Permission) else frozenset()
        found += [
            Cell(rule, method, guard, roles)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ]
    yield from sorted(found, key=lambda cell: (cell.rule.rule, cell.method))


def table(app: Flask) -> str:
    """The table as it stands in docs/access.csv."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(HEAD)
    for cell in cells(app):
        guard = cell.guard.name if isinstance(cell.guard, Permission) else cell.guard
        roles = "every account" if cell.roles == ROLES.keys() else " ".join(sorted(cell.roles))
        writer.writerow((cell.rule.rule, cell.method, guard, cell.objects, roles or "everybody"))
    return written.getvalue()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        TABLE.write_text(table(create_app(settings_for(Path(folder)))), encoding="utf-8")
    sys.exit(0)
