"""Windows with their rating addresses, and rating rows for the auditor, as JSON."""

from typing import Any

from flask import request
from marshmallow import Schema, fields

from evalsys.evaluation.actions.reading import as_noted, note_reading
from evalsys.evaluation.api.blueprint import blp
from evalsys.evaluation.queries import codes, records
from evalsys.evaluation.rules import LIST_WINDOWS, READ_RATINGS
from evalsys.kernel import clock, settings, writer
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db


class WindowAnswer(Schema):
    """A window and the address its code points to; null where it hangs without a valid code."""

    code = fields.String(required=True)
    number = fields.String(required=True)
    hall = fields.String(required=True)
    department = fields.String(required=True)
    rating_url = fields.String(required=True, allow_none=True)


@blp.get("/windows")
@requires(LIST_WINDOWS)
@blp.response(200, WindowAnswer(many=True))
def windows() -> list[dict[str, str | None]]:
    """Every window of the caller's scope."""
    present = codes.current_codes(db.session(), current_actor().scope, clock.today())
    return [
        {
            "code": code.place.code,
            "number": code.place.number,
            "hall": code.place.hall_code,
            "department": code.place.unit_name,
            "rating_url": None if code.is_revoked else f"{settings.current().base_url}/q/{code.text}",
        }
        for code in present
    ]


class RatingAnswer(Schema):
    """A rating row without personal data; id is random and tells no order."""

    id = fields.String(required=True)
    day = fields.Date(required=True)
    half_day = fields.String(required=True)
    window = fields.String(required=True)
    department = fields.String(required=True)
    level = fields.Integer(required=True)
    channel = fields.String(required=True)
    entry = fields.String(required=True)
    standing = fields.String(required=True)
    tags = fields.List(fields.String(), required=True)


class RatingsAnswer(Schema):
    """Some rating rows; `next` is the cursor to go on from, null at the end, whatever number came."""

    ratings = fields.List(fields.Nested(RatingAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class RatingsQuery(Schema):
    """ISO days, both included; by default the last 90 days."""

    from_ = fields.String(data_key="from", load_default="")
    to = fields.String(load_default="")
    channel = fields.String(load_default="")
    entry = fields.String(load_default="")
    department = fields.String(load_default="")
    hall = fields.String(load_default="")
    cursor = fields.String(load_default="")


@blp.get("/ratings")
@requires(READ_RATINGS)
@blp.arguments(RatingsQuery, location="query")
@blp.response(200, RatingsAnswer)
def ratings(asked: dict[str, Any]) -> dict[str, Any]:
    """Every counted rating of the period, the newest day first, at most a thousand at a time."""
    actor = current_actor()
    writer.run(note_reading, actor, as_noted(request.query_string.decode()))
    after = records.mark_said(asked.pop("cursor"))
    wanted = records.asked_of({**asked, "from": asked["from_"]}, clock.today())
    found = records.records(db.session(), wanted, actor.scope, after, records.BATCH)
    listed = [
        {**vars(row), "id": str(row.root), "tags": [tag.plain for tag in row.tags]} for row in found.rows
    ]
    return {"ratings": listed, "next": found.following and str(found.following)}
