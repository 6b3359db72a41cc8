"""The tablet on the counter: the window's own code, one question for each service, and nothing kept."""

from datetime import timedelta
from functools import lru_cache
from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.evaluation.actions import counter as actions
from evalsys.evaluation.actions import services as rating
from evalsys.evaluation.codes.sheets import rating_address
from evalsys.evaluation.forms import LevelForm
from evalsys.evaluation.queries import codes, prompts, services
from evalsys.evaluation.queries.prompts import Prompted
from evalsys.evaluation.rules import LEVELS, AlreadyRated, PromptOver
from evalsys.evaluation.views import keys, paired, screens
from evalsys.evaluation.views.blueprint import bp
from evalsys.evaluation.views.links import visit_of
from evalsys.identity.queries.devices import PairedDevice
from evalsys.kernel import clock, qr, secrets, settings, writer
from evalsys.kernel.access import device
from evalsys.kernel.database import db
from evalsys.kernel.language import say
from evalsys.organisation.queries import places
from evalsys.organisation.queries.places import Place

PAGE = "counter/tablet.html"
LIFE_NOTED_EVERY = timedelta(seconds=35)
CODE_SHOWN = timedelta(minutes=3)  # after its prompt, a take-away code may be shown again this long
picture = lru_cache(maxsize=256)(qr.svg)


@bp.get("/counter/<public_id>")
@device
def counter(public_id: str) -> ResponseReturnValue:
    """What the tablet is to show now: its question, or the window's code; also its sign of life."""
    tablet = paired.device_at(public_id, "tablet")
    serial = screens.serial_of(public_id)
    note_life(tablet)
    prompt = _open_prompt(tablet)
    name = f"prompt {prompt.public_id}" if prompt else f"idle {clock.today()}"
    return screens.unchanged(name, serial) or _show(tablet, prompt, name, serial)


def note_life(found: PairedDevice) -> None:
    """Note a device's sign of life, now and then: a write for every look would wear the disk."""
    now = clock.now()
    if found.seen_at is None or now > found.seen_at + LIFE_NOTED_EVERY:
        writer.run(actions.note_look, found, request.args.get("version", ""), now)


def _open_prompt(tablet: PairedDevice) -> Prompted | None:
    prompt, now = prompts.open_prompt(db.session(), tablet.id), clock.now()
    if prompt is not None and not prompt.is_open(tablet.id, now):
        writer.run(actions.end_unrated, tablet, prompt.service_id, now)
        return None
    if prompt is not None and prompt.state == "sent":
        writer.run(actions.note_shown, prompt.service_id, now)
    return prompt


def _place(tablet: PairedDevice) -> Place:
    window_id = tablet.window_id or abort(404)
    return places.place_of_window(db.session(), window_id, clock.today()) or abort(404)


def _show(tablet: PairedDevice, prompt: Prompted | None, name: str, serial: str) -> ResponseReturnValue:
    place = _place(tablet)
    common: dict[str, Any] = {"device": tablet, "place": place, "name": name, "serial": serial}
    if prompt is not None:
        return screens.drawn(
            PAGE, "prompt", levels=LEVELS, service=prompt.public_id, key=keys.fresh_key(), **common
        )
    code = codes.text_of_window(db.session(), place.window_id) if place.is_open else None
    address = rating_address(settings.current().base_url, code) if code else None
    return screens.drawn(PAGE, "idle", picture=address and picture(address), **common)


def _prompt_named(tablet: PairedDevice) -> Prompted:
    """The prompt the posted form belongs to; it was sent to this very tablet."""
    return prompts.prompt_on(db.session(), tablet.id, request.form.get("service", "")) or abort(404)


@bp.post("/counter/<public_id>/rate")
@device
def rate_at_counter(public_id: str) -> ResponseReturnValue:
    """Store the level tapped; the thanks that follow say nothing of it."""
    tablet = paired.device_at(public_id, "tablet")
    prompt = _prompt_named(tablet)
    form = LevelForm(request.form, [])
    if not form.validate():
        return _over(tablet, form.first_fault(), 422)
    invited = services.invited_to(db.session(), prompt.service_id, "tablet") or abort(404)
    try:
        visit = visit_of(invited, "tablet", "tablet")
        writer.run(actions.rate_on_tablet, tablet, visit, form.answer(), clock.now())
    except (AlreadyRated, PromptOver) as refusal:
        writer.run(actions.end_unrated, tablet, prompt.service_id, clock.now())
        return _over(tablet, say(refusal), refusal.status)
    return redirect(url_for(".thanks_at_counter", public_id=public_id), 303)


def _over(tablet: PairedDevice, sentence: str | None, status: int) -> ResponseReturnValue:
    values: dict[str, Any] = {"device": tablet, "place": _place(tablet), "name": "over", "sentence": sentence}
    return screens.drawn(PAGE, "over", status, **values)


@bp.get("/counter/<public_id>/thanks")
@device
def thanks_at_counter(public_id: str) -> ResponseReturnValue:
    """Thank for two seconds, whatever was tapped."""
    tablet = paired.device_at(public_id, "tablet")
    return screens.drawn(PAGE, "thanks", device=tablet, place=_place(tablet), name="thanks")


@bp.post("/counter/<public_id>/take-away")
@device
def take_away(public_id: str) -> ResponseReturnValue:
    """Show the code with which this one service can be rated later, away from the counter."""
    tablet = paired.device_at(public_id, "tablet")
    prompt, now = _prompt_named(tablet), clock.now()
    writer.run(actions.end_unrated, tablet, prompt.service_id, now)
    if prompt.state == "rated" or (prompt.ended_at and now > prompt.ended_at + CODE_SHOWN):
        return redirect(url_for(".counter", public_id=public_id), 303)
    token = rating.token_of(secrets.receipt_key(db.session()), prompt.public_id, "take-away")
    address = f"{settings.current().base_url}/t/{token}"
    values: dict[str, Any] = {"device": tablet, "place": _place(tablet), "name": f"code {prompt.public_id}"}
    return screens.drawn(PAGE, "take_away", picture=qr.svg(address), **values)


@bp.post("/counter/<public_id>/leave")
@device
def leave_counter(public_id: str) -> ResponseReturnValue:
    """Nobody answered: the question ends unrated."""
    tablet = paired.device_at(public_id, "tablet")
    writer.run(actions.end_unrated, tablet, _prompt_named(tablet).service_id, clock.now())
    return redirect(url_for(".counter", public_id=public_id), 303)
