"""A counter of the running hall: its business system over JSON, and its devices."""

import io
import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import PIL.Image
import zxingcpp
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from evalsys.app import create_app
from evalsys.identity.actions import devices
from evalsys.identity.models import Device
from evalsys.kernel import clock, settings
from evalsys.kernel.database import db, transaction
from evalsys.organisation.models import Window
from tests.hall import Hall


@dataclass
class Counter:
    """One window with what stands around it."""

    hall: Hall
    app: Flask
    window: str
    token: str
    made: list[str] = field(default_factory=list)

    def code(self, kind: str) -> str:
        """The pairing code of a new device at the window."""
        with self.app.app_context(), transaction() as session:
            window = session.scalars(select(Window).where(Window.number == self.window)).one()
            new = devices.NewDevice(kind, window.hall_id, window.id, self.window)
            public_id, code = devices.add_device(session, new, None, clock.now())
        self.made.append(public_id)
        return code

    def revoke(self) -> None:
        """Put the device made last out of use."""
        with self.app.app_context(), transaction() as session:
            found = session.scalars(select(Device).where(Device.public_id == self.made[-1])).one()
            devices.revoke_device(session, found.id, None, clock.now())

    def call(self, method: str, path: str, said: dict[str, Any] | None = None) -> dict[str, Any]:
        """One call of the business system."""
        request = urllib.request.Request(
            f"{self.hall.address}/api/v1/{path}",
            method=method,
            data=json.dumps(said).encode() if said is not None else None,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return dict(json.load(answer))

    def notes(self) -> dict[str, Any]:
        """A case that ended a moment ago."""
        ended_at = (clock.now() - timedelta(seconds=1)).isoformat()
        said = {"kind": "case", "project_no": uuid4().hex, "service_number": 1, "ended_at": ended_at}
        return self.call("POST", "services", said | {"window": f"ZX-{self.window}"})

    def asks(self) -> str:
        """A service noted and prompted; its id."""
        service = str(self.notes()["id"])
        assert self.call("PUT", f"services/{service}/prompt")["state"] == "sent"
        return service

    def state(self, service: str) -> str:
        """How far its rating has come."""
        return str(self.call("GET", f"services/{service}/prompt")["state"])

    def read_code(self, page: Page) -> str:
        """The path a phone reads from the code on a screen."""
        picture = PIL.Image.open(io.BytesIO(page.locator(".counter-code").screenshot()))
        (code,) = zxingcpp.read_barcodes(picture)
        return str(code.text.removeprefix(self.hall.address))


@contextmanager
def at_counter(hall: Hall, window: str) -> Iterator[Counter]:
    """A window of the hall with its business system."""
    app: Flask = create_app(settings.from_environment(hall.environment))
    token = hall.run("identity", "token", "business-system").splitlines()[-1]
    yield Counter(hall, app, window, token)
    with app.app_context():
        db.engine.dispose()
