"""The desks' pages."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import Session

from tests.builders import a_rating, a_unit, a_window, signed_in

Committed = Callable[[Callable[[Session], object]], object]


def test_a_bad_rating_waits_for_the_supervisor(app: Flask, committed: Committed) -> None:
    def rate(session: Session) -> None:
        a_unit(session, "GOV", "督查科")
        a_rating(session, a_window(session), 1, entry="ticket", evidence="B")

    committed(rate)
    page = signed_in(app, "supervisor", "GOV").get("/cases")
    assert page.status_code == 200
    assert "-0001" in page.text
    assert "待研判" in page.text
    assert "现在没有等您办的单子" in signed_in(app, "callback-officer", "GOV").get("/cases").text
