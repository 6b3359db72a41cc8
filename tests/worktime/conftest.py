"""What tests of worktime share."""

from collections.abc import Iterator

import pytest
from flask import Flask

from evalsys import wiring
from evalsys.kernel import reactions
from evalsys.worktime.events import CalendarChanged


@pytest.fixture
def heard(app: Flask) -> Iterator[list[object]]:
    """Every change of the calendar that is announced."""
    events: list[object] = []
    others = wiring.REACTIONS.get(CalendarChanged, ())
    reactions.follow(
        {**wiring.REACTIONS, CalendarChanged: (*others, lambda _connection, event: events.append(event))}
    )
    yield events
    reactions.follow(wiring.REACTIONS)
