"""Nobody is subtracted: all that the clerk's side and the public can ask over time tells of no few."""

import tempfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from evalsys.identity.rules import CLERKS_SIDE
from evalsys.kernel import clock
from evalsys.kernel.access import Permission, access_of
from evalsys.kernel.database import db
from evalsys.scoring.rules.asking import FILTERS
from tests.conftest import settings_for
from tests.dashboards.asked import INSIDE, PUBLIC, ClerksSide, Public, Told, figures_in
from tests.dashboards.growing import FIRST, Change, Site, opened_site

LOOKS = (date(2026, 2, 23), date(2026, 3, 9), date(2026, 4, 14))

# Every address the clerk's side or anybody can read, by what of the ratings it counts.
COUNTED = {
    "/api/v1/rankings/<any(windows,staff,departments):subject>",
    "/rankings/<any(windows,staff,departments):subject>.<any(csv,xlsx):kind>",
    "/rankings/<any(windows,staff,departments):subject>/figure",
    "/rankings/windows",
    "/rankings/staff",
    "/rankings/departments",
    "/console",
    "/console/trend",
}
OPEN = {"/board/<token>", "/bulletins/<public_id>", "/bulletins/<public_id>.<any(pdf,docx,json):kind>"}
# Pages that count no ratings, or in whole tens; each is asked and must have no figures in its tables.
WITHOUT_FIGURES = {
    *("/account", "/admin/codes", "/admin/devices", "/api/v1/indicators"),
    *("/api/v1/openapi.json", "/bulletins", "/cases", "/cases/about-us", "/cases/all", "/api/v1/cases"),
    *("/comments", "/console/hand-over", "/console/rota", "/fixes", "/improved", "/indicators"),
    *(
        "/left-out",
        "/notices",
        "/password",
        "/privacy",
        "/receipt",
        "/seals",
        "/seals/anchor.json",
        "/sign-in",
    ),
    *("/status", "/seals/verify_receipt.py", "/account/second-step", "/second-step", "/sign-in/code"),
}
# Of one rating, case, code, device or service each, for whoever has its address; they show no sum.
OF_ONE = {
    *(
        "/",
        "/admin/codes/sheets",
        "/admin/codes/<int:code_id>",
        "/admin/devices/<int:device_id>",
        "/api/v1/cases/<no>",
    ),
    *("/cases/<no>", "/cases/<no>/appeal", "/cases/<no>/files/<sha256>", "/console/hand-over/<code>"),
    *("/console/rota/<int:duty_id>", "/console/rota/new/<code>", "/counter/pair", "/desk/<hall>"),
    *("/console/prompt", "/console/prompt/hand-over", "/console/prompt/refusal"),
    *("/counter/<public_id>", "/counter/<public_id>/thanks", "/desk/report/<receipt>", "/q/<code>"),
    *("/receipt/<receipt>", "/receipt/<receipt>/confirm", "/receipt/<receipt>/contact"),
    *("/receipt/<receipt>/follow-up", "/receipt/<receipt>/messages", "/receipt/<receipt>/proof"),
    *("/receipt/<receipt>/mine", "/receipt/<receipt>/mine.json", "/receipt/<receipt>/erasure"),
    *("/receipt/<receipt>/proof.json", "/s/<token>", "/t/<token>", "/kiosk/<hall>"),
    *(
        f"/kiosk/<hall>/{step}"
        for step in ("alive", "level", "map", "matter", "number", "reasons", "thanks", "ticket", "who")
    ),
    "/kiosk/<hall>/windows",
    *("/healthz", "/metrics", "/readyz"),
}


CHANGES = st.builds(
    Change,
    window=st.integers(0, 2),
    week=st.integers(0, 9),
    clerk=st.integers(0, 2),
    channel=st.integers(0, 1),
    good=st.integers(3, 14),
    bad=st.integers(0, 4),
    corrected=st.integers(0, 2),
    excluded=st.integers(0, 2),
)
STRETCHES = st.lists(st.lists(CHANGES, min_size=12, max_size=24), min_size=len(LOOKS), max_size=len(LOOKS))


def at_ten(day: date) -> datetime:
    return datetime.combine(day, time(10), clock.SHANGHAI)


def addresses(app: Flask) -> dict[str, set[str]]:
    """Every address that can be read, with the roles of the clerk's side that may; none is everybody."""
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        guard = access_of(app.view_functions[rule.endpoint]) if rule.endpoint != "static" else None
        roles = set(guard.roles & CLERKS_SIDE) if isinstance(guard, Permission) else set()
        if "GET" in (rule.methods or ()) and (roles or isinstance(guard, str)):
            found.setdefault(rule.rule, set()).update(roles)
    return found


def nothing_else_has_figures(site: Site, known: dict[str, set[str]]) -> None:
    """Ask each page that counts no ratings, as everybody who may."""
    for address in sorted(WITHOUT_FIGURES):
        roles = sorted(known[address])
        for client in [site.signed[role] for role in roles] or [site.anybody()]:
            answer = client.get(address, headers=site.bearer if address.startswith("/api") else None)
            assert answer.status_code in (200, 302), address
            assert not figures_in(answer.get_data(as_text=True)), address


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_every_address_of_the_clerks_side_and_the_public_is_known(app: Flask) -> None:
    known = addresses(app)
    listed = [*COUNTED, *OPEN, *WITHOUT_FIGURES, *OF_ONE]
    assert sorted(listed) == sorted(known), "say of a new address what of the ratings it counts"
    assert set(FILTERS) == {"channel", "entry", "department", "hall", "window"}, "ask for a new filter too"


@settings(max_examples=3, deadline=None, derandomize=True, phases=(Phase.generate,))
@given(STRETCHES)
def test_no_subtraction_tells_of_a_few(sqlite_template: Path, stretches: list[list[Change]]) -> None:
    inside, outside = Told(INSIDE), Told(PUBLIC)
    with tempfile.TemporaryDirectory() as folder:
        with time_machine.travel(at_ten(FIRST), tick=False):
            site = opened_site(sqlite_template, settings_for(Path(folder)))
        for day, changes in zip(LOOKS, stretches, strict=True):
            with time_machine.travel(at_ten(day), tick=False):
                site.sign_in()
                site.grow(changes, day)
                Public(site, outside).ask()
                ClerksSide(site, inside).ask()
                if day == LOOKS[-1]:
                    nothing_else_has_figures(site, addresses(site.app))
        with site.app.app_context():
            db.engine.dispose()
    for figure, counts in outside.said.items():
        inside.said[figure] |= counts  # the clerk's side reads what is public, too
    outside.compare()
    inside.compare()
    assert outside.faults == []
    assert inside.faults == []
