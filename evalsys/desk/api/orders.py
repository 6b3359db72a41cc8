"""Orders as other platforms send them."""

from typing import Any

from flask.typing import ResponseReturnValue
from marshmallow import Schema, ValidationError, fields, post_load, validate

from evalsys.desk.actions.intake import take_order
from evalsys.desk.api.blueprint import blp
from evalsys.desk.rules import (
    NUMBER_LIMIT,
    PLACE_LIMIT,
    TAKE_ORDERS,
    TEXT_LIMIT,
    NewOrder,
    Source,
    Taken,
    UnfitOrder,
)
from evalsys.evaluation.rules import plain_text
from evalsys.kernel import clock, instants
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.organisation.queries import directory
from evalsys.rectification.rules.citizens import NAME_LIMIT, GivenContact, plain_number
from evalsys.rectification.rules.terms import PROFILES

SHORT = validate.Length(1, 60)


class ContactQuery(Schema):
    """How the person behind an order may be reached."""

    phone = fields.String(required=True, validate=SHORT)
    name = fields.String(load_default="", validate=validate.Length(max=NAME_LIMIT))

    @post_load
    def _as_given(self, sent: dict[str, Any], **_: Any) -> GivenContact:
        number = plain_number(sent["phone"])
        if number is None:
            raise ValidationError("不是能打通的电话号码。", "phone")
        return GivenContact(number, plain_text(sent["name"]))


class OrderQuery(Schema):
    """An order; instants without an offset are on the hall's clock."""

    source = fields.String(required=True, validate=validate.OneOf([source.value for source in Source]))
    category = fields.String(required=True, validate=SHORT)
    text = fields.String(required=True, validate=validate.Length(1, TEXT_LIMIT))
    window = fields.String(load_default=None, allow_none=True, validate=SHORT)
    place = fields.String(load_default="", validate=validate.Length(max=PLACE_LIMIT))
    contact = fields.Nested(ContactQuery, load_default=None, allow_none=True)
    upstream_no = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, NUMBER_LIMIT))
    upstream_due = fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        format="iso",
        default_timezone=clock.SHANGHAI,
        validate=instants.check_reach,
    )
    received_at = fields.AwareDateTime(
        required=True, format="iso", default_timezone=clock.SHANGHAI, validate=instants.check_reach
    )


class OrderAnswer(Schema):
    """The order's lasting number, its profile, by when somebody is told, by when it is finished."""

    no = fields.String(required=True)
    profile = fields.String(required=True, validate=validate.OneOf(list(PROFILES)))
    due_at = fields.DateTime(required=True)
    finish_by = fields.DateTime(required=True)


@blp.post("/orders")
@requires(TAKE_ORDERS)
@blp.arguments(OrderQuery)
@blp.response(201, OrderAnswer)
def post_order(asked: dict[str, Any]) -> ResponseReturnValue:
    """Take in an order; the same upstream_no again answers 200 with the same body, other content 409."""
    session = db.session()
    taken = take_order(session.connection(), _new_order(asked), current_actor(), now=clock.now())
    return _answer(taken), 201 if taken.is_new else 200


def _new_order(asked: dict[str, Any]) -> NewOrder:
    day = clock.day_of(asked["received_at"])
    by_code = {window.code: window.id for window in directory.windows_on(db.session(), day).values()}
    if asked["window"] is not None and asked["window"] not in by_code:
        raise UnfitOrder("没有窗口“{code}”,请用 /windows 里的 code。", code=asked["window"])
    return NewOrder(
        source=Source(asked["source"]),
        category=asked["category"],
        text=plain_text(asked["text"]),
        received_at=asked["received_at"],
        window_id=by_code.get(asked["window"]),
        place=plain_text(asked["place"]),
        contact=asked["contact"],
        upstream_no=asked["upstream_no"],
        upstream_due=asked["upstream_due"],
    )


def _answer(taken: Taken) -> dict[str, Any]:
    return {
        "no": taken.no,
        "profile": taken.profile,
        "due_at": taken.due_at,
        "finish_by": taken.finish_by,
    }
