"""Services as business systems note them, and the prompts they send to the counter tablet."""

from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from evalsys.evaluation.actions import prompts, services
from evalsys.evaluation.api.blueprint import blp
from evalsys.evaluation.queries import services as noted
from evalsys.evaluation.rules import NOTE_SERVICES, NewService
from evalsys.kernel import clock, instants, secrets, settings, writer
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.refusals import Refused
from evalsys.organisation.queries import directory, places

SHORT = validate.Length(1, 60)


class ServiceQuery(Schema):
    """A service that ended."""

    window = fields.String(required=True, validate=SHORT)
    staff = fields.String(load_default=None, allow_none=True, validate=SHORT)
    item = fields.String(load_default=None, allow_none=True, validate=SHORT)
    project_no = fields.String(load_default=None, allow_none=True, validate=SHORT)
    service_number = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 9999))
    idempotency_key = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 64))
    ticket = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 40))
    kind = fields.String(required=True, validate=validate.OneOf(["case", "consultation"]))
    # An instant without an offset is on the hall's clock.
    ended_at = fields.AwareDateTime(
        required=True, format="iso", default_timezone=clock.SHANGHAI, validate=instants.check_reach
    )
    network = fields.Boolean(load_default=False)

    @validates_schema
    def _number_goes_with_case(self, data: dict[str, Any], **_: Any) -> None:
        if (data.get("project_no") is None) != (data.get("service_number") is None):
            raise ValidationError("project_no 和 service_number 要么都给,要么都不给。", "service_number")


class ServiceAnswer(Schema):
    """The service's id and the two ways to rate it."""

    id = fields.String(required=True)
    rating_url = fields.String(required=True)
    ticket_url = fields.String(required=True)


class StateAnswer(Schema):
    """How far the rating of a service has come; never the level."""

    state = fields.String(required=True, validate=validate.OneOf(["ready", "sent", "rated", "unrated"]))


class UnknownCode(Refused):
    """A window, a member of staff or an item named by a code there is not."""


@blp.post("/services")
@requires(NOTE_SERVICES)
@blp.arguments(ServiceQuery)
@blp.response(201, ServiceAnswer)
def note_service(asked: dict[str, Any]) -> ResponseReturnValue:
    """Note a service; the same one again answers 200 with the same body, at another window 409."""
    noted_now = writer.run(services.note_service, _new_service(asked))
    return _answer(noted_now.public_id), 201 if noted_now.is_new else 200


def _new_service(asked: dict[str, Any]) -> NewService:
    session, day = db.session(), clock.day_of(asked["ended_at"])
    by_code = {window.code: window.id for window in directory.windows_on(session, day).values()}
    window_id = by_code.get(asked["window"])
    place = window_id and places.place_of_window(session, window_id, day)
    if not window_id or not place:
        raise UnknownCode("没有窗口“{code}”,请用 /windows 里的 code。", code=asked["window"])
    if asked["ended_at"] > clock.now():
        raise UnknownCode("办结时间在将来,请核对时钟和时区。")
    people = {person.staff_no: person.id for person in directory.staff_on(session, day).values()}
    if asked["staff"] is not None and asked["staff"] not in people:
        raise UnknownCode("没有工号“{code}”。", code=asked["staff"])
    item = places.item_by_code(session, asked["item"]) if asked["item"] else None
    if asked["item"] and item is None:
        raise UnknownCode("没有事项“{code}”。", code=asked["item"])
    return NewService(
        window_id=window_id,
        hall_id=place.hall_id,
        unit_id=place.unit_id,
        ended_at=asked["ended_at"],
        kind=asked["kind"],
        staff_id=people[asked["staff"]] if asked["staff"] else None,
        item_id=item.item_id if item else None,
        item_type=item.item_type if item else "",
        project_no=asked["project_no"],
        service_number=asked["service_number"],
        idempotency_key=asked["idempotency_key"],
        ticket=asked["ticket"],
        network=asked["network"],
        made_by=current_actor().account_id,
    )


def _answer(public_id: str) -> dict[str, str]:
    key = secrets.receipt_key(db.session())
    base = settings.current().base_url
    return {
        "id": public_id,
        "rating_url": f"{base}/s/{services.token_of(key, public_id, 'link')}",
        "ticket_url": f"{base}/t/{services.token_of(key, public_id, 'ticket')}",
    }


@blp.put("/services/<service>/prompt")
@requires(NOTE_SERVICES)
@blp.response(202, StateAnswer)
def prompt(service: str) -> dict[str, str]:
    """Ask the window's tablet to show this service's question; 409 where no tablet is paired."""
    service_id = noted.service_by_public_id(db.session(), service) or abort(404)
    writer.run(prompts.send_prompt, service_id, clock.now())
    return {"state": noted.state_of(db.session(), service_id)}


@blp.get("/services/<service>/prompt")
@requires(NOTE_SERVICES)
@blp.response(200, StateAnswer)
def prompt_state(service: str) -> dict[str, str]:
    """Say how far a service's rating has come."""
    service_id = noted.service_by_public_id(db.session(), service) or abort(404)
    return {"state": noted.state_of(db.session(), service_id)}


@blp.delete("/services/<service>")
@requires(NOTE_SERVICES)
@blp.response(204)
def cancel(service: str) -> None:
    """Take back a service noted by mistake: its ways to rate close; what was rated already stays."""
    service_id = noted.service_by_public_id(db.session(), service) or abort(404)
    writer.run(services.cancel_service, service_id, clock.now())
