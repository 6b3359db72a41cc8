"""People at their desks in the running hall: signed in once each, making moves by the forms of a case."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from flask import Flask
from playwright.sync_api import Browser, Locator, Page
from sqlalchemy.orm import Session

from evalsys.app import create_app
from evalsys.demo.accounts import demo_accounts
from evalsys.demo.fates import Fate
from evalsys.demo.hands import Hands, walk
from evalsys.demo.plan import kept
from evalsys.kernel import clock, settings
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.database import db, transaction
from evalsys.kernel.secrets import digest
from evalsys.organisation.queries import places, units
from evalsys.rectification.queries import citizen, facts
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.states import State
from evalsys.worktime import queries as worktime
from tests.builders import BuiltWindow, a_rating
from tests.hall import DESK, PATIENCE, Hall

Step = tuple[State, dict[str, FieldValue]]


@dataclass
class Desks:
    """The desks of a hall; who sits at one is named by the account."""

    hall: Hall
    app: Flask
    browser: Browser
    pages: dict[str, Page] = field(default_factory=dict)

    def of(self, name: str) -> Page:
        """The browser of an account."""
        if name not in self.pages:
            self.pages[name] = self._signed_in(name)
        return self.pages[name]

    def _signed_in(self, name: str) -> Page:
        with self.app.app_context(), transaction() as session:
            plan = kept(session)
        assert plan is not None
        (password,) = [account.password for account in demo_accounts(plan.seed) if account.name == name]
        context = self.browser.new_context(base_url=self.hall.address, locale="zh-CN", **DESK)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("[name=name]", name)
        page.fill("[name=password]", password)
        with page.expect_navigation():
            page.locator("main form button").click()
        assert "/sign-in" not in page.url
        return page

    def move(self, name: str, no: str, target: str, **given: str) -> Page:
        """Make a move by its form on the page of the case; it must be made."""
        page = self.of(name)
        page.goto(f"/cases/{no}")
        form = page.locator(f"form[action$='/steps/{target}']")
        if not form.is_visible():
            page.locator("details.move", has=form).locator("summary").click()
        for what, value in given.items():
            fill(form.locator(f"[name='{target}-{what}']"), value)
        with page.expect_navigation():
            form.locator("button").click()
        assert "已办理" in page.locator("main").inner_text(), page.locator("main").inner_text()
        return page

    def rated(self, window: str, receipt: str, at: datetime | None = None) -> None:
        """A bad rating with a reason that was given before."""
        with self.app.app_context(), transaction() as session:
            (place,) = [p for p in places.places_in(session, EVERYTHING, clock.today()) if p.number == window]
            built = BuiltWindow(place.window_id, place.hall_id, place.unit_id)
            a_rating(session, built, 1, at=at, tags=("111",), receipt_hash=digest(receipt))

    def case_of(self, receipt: str) -> str:
        """The number of the case about the rating behind a receipt."""
        with self.app.app_context(), transaction() as session:
            root = citizen.root_behind(session, receipt)
            assert root is not None
            case_id = facts.case_of_rating(session, root)
            row = None if case_id is None else facts.case_row(session, case_id)
            assert row is not None
            return str(row.no)

    def moved(self, no: str, unit: str, steps: Sequence[Step]) -> None:
        """Bring a case some steps on, by those whose steps they are."""
        with self.app.app_context(), transaction() as session:
            case_id = facts.case_id_of(session, no)
            assert case_id is not None
            now, of = clock.now(), units.unit_codes(session)[unit]
            fates = [Fate(target, now, given) for target, given in steps]
            walk(session.connection(), Hands(session).moves(case_id, of, fates), now)

    def unit(self, code: str) -> int:
        """A unit's id."""
        with self.app.app_context(), transaction() as session:
            return units.unit_codes(session)[code]

    def appealable_morning(self) -> datetime:
        """The morning of the latest day whose ratings the rated side may see by today."""
        with self.app.app_context(), transaction() as session:
            return _latest_seen(session)


def _latest_seen(session: Session) -> datetime:
    day = clock.today() - timedelta(days=1)
    while worktime.working_days_after(session, day, 1) > clock.today():
        day -= timedelta(days=1)
    return clock.at(day, time(9, 30))


def fill(control: Locator, value: str) -> None:
    """Put a value into a control, whatever its kind."""
    if control.count() > 1:
        control.and_(control.page.locator(f"[value='{value}']")).check()
    elif control.evaluate("control => control.tagName") == "SELECT":
        control.select_option(value)
    else:
        control.fill(value)


@contextmanager
def at_desks(hall: Hall, browser: Browser) -> Iterator[Desks]:
    """The desks of a running hall."""
    app: Flask = create_app(settings.from_environment(hall.environment))
    desks = Desks(hall, app, browser)
    yield desks
    for page in desks.pages.values():
        page.context.close()
    with app.app_context():
        db.engine.dispose()
