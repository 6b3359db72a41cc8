"""A counter for tests: a paired tablet and console at a window, and a business system beside it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Prompt
from evalsys.identity.actions.devices import NewDevice, add_device
from evalsys.kernel import clock
from evalsys.kernel.database import transaction
from evalsys.organisation.models import Window
from tests.builders import a_token, a_window, code_of
from tests.pages import PageClient

SERVICES = "/api/v1/services"


@dataclass(frozen=True)
class Machine:
    """A paired device: its browser and its id."""

    client: PageClient
    public_id: str

    @property
    def home(self) -> str:
        return f"/counter/{self.public_id}"

    def shows(self) -> str:
        return self.client.get(self.home).get_data(as_text=True)

    def post(self, what: str, service: str, **more: str) -> Any:
        return self.client.post(f"{self.home}/{what}", data={"service": service, **more})


def a_counter(session: Session) -> None:
    """A window with a code and its department."""
    code_of(session, a_window(session))


def a_device(app: Flask, kind: str, number: str = "24") -> tuple[str, str]:
    """A device to be paired: its public id and its pairing code."""
    with app.app_context(), transaction() as session:
        window = session.scalars(select(Window).where(Window.number == number)).one()
        place = None if kind == "kiosk" else window.id
        return add_device(session, NewDevice(kind, window.hall_id, place, kind), None, clock.now())


def paired(app: Flask, kind: str, number: str = "24") -> Machine:
    """A device paired as its owner would: the code typed on its own page."""
    public_id, code = a_device(app, kind, number)
    client = app.test_client()
    assert isinstance(client, PageClient)
    answer = client.post("/counter/pair", data={"code": code.lower().replace("-", " ")})
    assert answer.status_code == 303
    return Machine(client, public_id)


@dataclass(frozen=True)
class System:
    """A business system with its token."""

    app: Flask
    headers: dict[str, str]

    def notes(self, key: str, **more: object) -> dict[str, str]:
        ended_at = (clock.now() - timedelta(seconds=1)).isoformat()
        said = {"window": "C-24", "kind": "case", "ended_at": ended_at, "idempotency_key": key, **more}
        answer = self.app.test_client().post(SERVICES, json=said, headers=self.headers)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return dict(answer.get_json())

    def prompts(self, service: str) -> int:
        answer = self.app.test_client().put(f"{SERVICES}/{service}/prompt", headers=self.headers)
        return int(answer.status_code)

    def asks(self, key: str = "k1") -> str:
        """A service noted and prompted: its id."""
        service = self.notes(key)["id"]
        assert self.prompts(service) == 202
        return service

    def state(self, service: str) -> str:
        answer = self.app.test_client().get(f"{SERVICES}/{service}/prompt", headers=self.headers)
        return str(answer.get_json()["state"])


def a_system(app: Flask) -> System:
    return System(app, a_token(app, "business-system"))


def states(session: Session) -> list[str]:
    return sorted(session.scalars(select(Prompt.state)))
