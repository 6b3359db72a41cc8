"""A small site that grows by ratings, corrections and exclusions, and closes its periods."""

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.app import create_app
from evalsys.dashboards.actions import boards, bulletins
from evalsys.dashboards.actions.bulletins import Step
from evalsys.dashboards.actions.opened import open_periods
from evalsys.dashboards.queries import bulletins as issued
from evalsys.dashboards.queries import opened
from evalsys.dashboards.queries.month import Of
from evalsys.dashboards.rules.bulletins import NothingToSay
from evalsys.identity.models import Account
from evalsys.identity.rules import CLERKS_SIDE
from evalsys.kernel import clock
from evalsys.kernel.access import Actor
from evalsys.kernel.database import transaction
from evalsys.kernel.settings import Settings
from evalsys.scoring import actions as scoring
from evalsys.scoring import totals
from evalsys.scoring.models import DailySum, TagSum
from evalsys.scoring.queries.checks import SUMS
from evalsys.scoring.rules.tallies import Cell
from tests.builders import BuiltWindow, a_clerk, a_token, a_unit, a_window, an_account, signed_in
from tests.pages import PageClient

FIRST = date(2026, 2, 2)  # the Monday of the first week of a month
CHANNELS = ("on-the-go", "back-to-back")


class Change(NamedTuple):
    """What comes to a window in a week: ratings, corrections from best to worst, and exclusions."""

    window: int
    week: int
    clerk: int
    channel: int
    good: int
    bad: int
    corrected: int
    excluded: int


@dataclass
class Site:
    """A small site that grows: three windows, two of them of one department, and two clerks."""

    app: Flask
    settings: Settings
    windows: list[BuiltWindow]
    clerks: list[int]
    board: str
    signed: dict[str, PageClient]
    bearer: Mapping[str, str]

    def sign_in(self) -> None:
        """Sign in one of each role of the clerk's side; nobody stays signed in from one look to the next."""
        self.signed = {role: signed_in(self.app, role) for role in sorted(CLERKS_SIDE)}

    def anybody(self) -> PageClient:
        """Somebody without a sign-in."""
        client = self.app.test_client()
        assert isinstance(client, PageClient)
        return client

    def grow(self, changes: Sequence[Change], today: date) -> None:
        """Take in what came since the last look, as long as its week has begun, and close what is over."""
        with self.app.app_context(), transaction() as session:
            for change in changes:
                if FIRST + timedelta(weeks=change.week) <= today:
                    self._take_in(session, change)
        with self.app.app_context(), transaction() as session:
            scoring.release_periods(session, clock.now())
            open_periods(session, clock.now())

    def _take_in(self, session: Session, change: Change) -> None:
        window, day = self.windows[change.window], FIRST + timedelta(weeks=change.week)
        clerk, channel = self.clerks[change.clerk], CHANNELS[change.channel]
        cell = Cell(day, window.window_id, clerk, window.unit_id, "", channel, "window-code")
        present = session.get(DailySum, cell._asdict())
        if present is None:
            present = DailySum(**cell._asdict(), **dict.fromkeys(SUMS, 0))
            session.add(present)
        excluded = min(change.excluded, present.n5)
        corrected = min(change.corrected, present.n5 - excluded)
        moved = Counter(n5=change.good - excluded - corrected, n1=change.bad + corrected, excluded5=excluded)
        for column, n in moved.items():
            setattr(present, column, getattr(present, column) + n)
        totals.move_by_sums(session.connection(), {cell: moved})
        key = {"day": day, "window_id": window.window_id, "staff_id": clerk, "unit_id": window.unit_id}
        tags = session.get(TagSum, {**key, "channel": channel, "tag": "517"})
        if tags is None:
            session.add(TagSum(**key, channel=channel, tag="517", n=change.good))
        else:
            tags.n += change.good
        session.flush()

    def publish(self) -> list[str]:
        """Publish what bulletins can be made of the open months; the public ids of all there are."""
        with self.app.app_context(), transaction() as session:
            by, other = (
                Actor(account, "", "", frozenset(), self.windows[0].unit_id)
                for account in session.scalars(select(Account.id).order_by(Account.id).limit(2))
            )
            for month in opened.months(session):
                for of in (Of(kind, code, month) for kind, code in opened.places_in(session, month)):
                    if issued.open_issue(session, of.kind, of.code, month.starts) is None:
                        self._publish(session, of, by, other)
            return [line.public_id for line in issued.issues(session, published_only=True)]

    def _publish(self, session: Session, of: Of, by: Actor, other: Actor) -> None:
        try:
            public_id = bulletins.draft_bulletin(session, of, self.settings, by, clock.now())
        except NothingToSay:
            return
        for act, actor in (("approve", other), ("publish", by)):
            issue = issued.issue(session, public_id)
            assert issue is not None
            bulletins.take_step(session, issue, Step(act), actor, clock.now())


def opened_site(template: Path, site: Settings) -> Site:
    """A site of its own on a copy of an empty one, with everybody signed in."""
    shutil.copyfile(template, site.instance / "evalsys.sqlite3")
    app = create_app(site)
    app.test_client_class = PageClient
    with app.app_context(), transaction() as session:
        a_unit(session, "SOC", "社保局")
        windows = [
            a_window(session, number, unit) for number, unit in zip("123", ("TAX", "TAX", "SOC"), strict=True)
        ]
        clerks = [0, a_clerk(session, "1001"), a_clerk(session, "1002")]
        for role in ("supervisor", "leadership"):
            an_account(session, role)
        by = Actor(session.scalars(select(Account.id)).first() or 0, "", "", frozenset(), windows[0].unit_id)
        board = boards.put_up_board(session, "东墙", "", by, clock.now())
    return Site(app, site, windows, clerks, board, {}, a_token(app, "window-manager"))
