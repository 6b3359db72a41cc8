"""Cases as JSON: a list, one with its steps and open moves, and making a move by the same rules."""

from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, fields, validate

from evalsys.kernel import clock
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.organisation.queries import units
from evalsys.rectification import forms
from evalsys.rectification.actions import moving
from evalsys.rectification.api.blueprint import blp
from evalsys.rectification.queries import queue, story
from evalsys.rectification.queries.lines import CaseLine
from evalsys.rectification.queries.steps import StepTaken
from evalsys.rectification.queries.story import Story
from evalsys.rectification.rules import READ_CASES, WORK_CASES
from evalsys.rectification.rules.hands import check_hand
from evalsys.rectification.rules.lights import Light
from evalsys.rectification.rules.looking import Move
from evalsys.rectification.rules.moves import move_to
from evalsys.rectification.rules.states import State


class CaseAnswer(Schema):
    """A case; times are null for the rated side, which learns the half-day only.

    Their light is by the last day of `finish_by` alone.
    """

    no = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in State]))
    kind = fields.String(required=True)
    profile = fields.String(required=True)
    opened_at = fields.DateTime(required=True, allow_none=True)
    opened_on = fields.Date(required=True)
    due_at = fields.DateTime(required=True, allow_none=True)
    finish_by = fields.DateTime(required=True, allow_none=True)
    light = fields.String(required=True, validate=validate.OneOf([light.value for light in Light]))
    level = fields.Integer(required=True, allow_none=True)
    window = fields.String(required=True, allow_none=True)
    department = fields.String(required=True, allow_none=True)
    owner = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class CasesAnswer(Schema):
    """A page of cases; `next` is the cursor of the following page, null on the last."""

    cases = fields.List(fields.Nested(CaseAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class FieldAnswer(Schema):
    """One field of a move; choices are [value, words]."""

    name = fields.String(required=True)
    label = fields.String(required=True)
    required = fields.Boolean(required=True)
    kind = fields.String(required=True)
    choices = fields.List(fields.List(fields.String()), required=True)


class MoveAnswer(Schema):
    """A move open to the caller."""

    to = fields.String(required=True)
    label = fields.String(required=True)
    fields_ = fields.List(fields.Nested(FieldAnswer), required=True, data_key="fields")


class StepAnswer(Schema):
    """One step: what was done, by which unit (null: the system or the citizen), from where to where, why."""

    seq = fields.Integer(required=True)
    act = fields.String(required=True)
    at = fields.DateTime(required=True)
    unit = fields.String(required=True, allow_none=True)
    from_ = fields.String(required=True, data_key="from")
    to = fields.String(required=True)
    reason = fields.String(required=True)


class StoryAnswer(CaseAnswer):
    """A case with its steps and the moves open to the caller."""

    steps = fields.List(fields.Nested(StepAnswer), required=True)
    moves = fields.List(fields.Nested(MoveAnswer), required=True)


class CasesQuery(Schema):
    """Filters take codes; `state` also "open" for all that have not ended."""

    state = fields.String(load_default="")
    department = fields.String(load_default="")
    light = fields.String(load_default="")
    kind = fields.String(load_default="")
    profile = fields.String(load_default="")
    cursor = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 2**31 - 1))


class StepQuery(Schema):
    """A move: where to, why, and whatever fields it needs; `version` guards against somebody else's move."""

    class Meta:
        """A move brings fields of its own beside these."""

        unknown = EXCLUDE

    to = fields.String(required=True, validate=validate.OneOf([state.value for state in State]))
    version = fields.Integer(load_default=None, allow_none=True)


class StepMade(Schema):
    """Where the case stands after the step."""

    no = fields.String(required=True)
    seq = fields.Integer(required=True)
    state = fields.String(required=True)


@blp.get("/cases")
@requires(READ_CASES)
@blp.arguments(CasesQuery, location="query")
@blp.response(200, CasesAnswer)
def cases(asked: dict[str, Any]) -> dict[str, Any]:
    """Cases the caller may see, the latest first, a page at a time."""
    cursor = asked.pop("cursor")
    page = queue.cases(db.session(), queue.asked_of(asked), current_actor(), clock.now(), cursor)
    return {"cases": [_line(line) for line in page.lines], "next": page.next}


@blp.get("/cases/<no>")
@requires(READ_CASES)
@blp.response(200, StoryAnswer)
def case(no: str) -> dict[str, Any]:
    """One case with its steps and the moves open to the caller."""
    found = _story(no)
    return _line(found.line) | {
        "steps": [] if found.is_clerks_side else [_step(step) for step in found.steps],
        "moves": [_move(move) for move in found.moves],
    }


@blp.post("/cases/<no>/steps")
@requires(WORK_CASES)
@blp.arguments(StepQuery)
@blp.response(201, StepMade)
def make_step(asked: dict[str, Any], no: str) -> ResponseReturnValue:
    """Make one move: 409 where the rules forbid it, 403 by the person, 422 naming missing fields."""
    found, actor, target = _story(no), current_actor(), State(asked["to"])
    move = move_to(found.line.state, target)
    check_hand(move, found.case, actor)
    given = forms.given_for(move, request.get_json(), units.unit_codes(db.session()))
    connection = db.session().connection()
    seq = moving.move_case(
        connection, found.line.id, target, actor, given, now=clock.now(), version=asked["version"]
    )
    return {"no": no, "seq": seq, "state": _story(no).line.state.value}, 201


def _story(no: str) -> Story:
    return story.story(db.session(), no, current_actor(), clock.now()) or abort(404)


def _line(line: CaseLine) -> dict[str, Any]:
    return {
        "no": line.no,
        "state": line.state.value,
        "kind": line.kind,
        "profile": line.profile,
        # The rated side learns no time finer than the half-day.
        "opened_at": None if line.is_bare else line.opened_at,
        "opened_on": line.opened_on,
        "due_at": line.due_at,
        "finish_by": line.finish_by,
        "light": line.light.value,
        "level": line.level,
        "window": line.window,
        "department": line.department_code,
        "owner": line.owner_code,
        "version": line.version,
    }


def _step(step: StepTaken) -> dict[str, Any]:
    return {
        "seq": step.seq,
        "act": step.act,
        "at": step.at,
        "unit": step.unit,
        "from_": step.from_state,
        "to": step.to_state,
        "reason": step.reason,
    }


def _move(move: Move) -> dict[str, Any]:
    return {
        "to": move.target.value,
        "label": _(move.label),
        "fields_": [
            {
                "name": field.name,
                "label": _(field.label),
                "required": field.required,
                "kind": field.kind,
                "choices": [[value, _(words)] for value, words in field.choices],
            }
            for field in move.fields
        ],
    }
