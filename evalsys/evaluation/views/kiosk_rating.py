"""Rating at the kiosk: who served, one tap, the reasons, and thanks that never repeat the level."""

from contextlib import suppress
from dataclasses import replace

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from evalsys.evaluation.actions.kiosk import rate_at_kiosk
from evalsys.evaluation.actions.reasons import explain_rating
from evalsys.evaluation.actions.rows import half_day
from evalsys.evaluation.actions.services import rate_service
from evalsys.evaluation.forms import LevelForm, ReasonsForm
from evalsys.evaluation.queries import kiosk as finding
from evalsys.evaluation.queries import ratings, services
from evalsys.evaluation.queries.kiosk import Serving
from evalsys.evaluation.rules import LEVELS, Answer, Visit
from evalsys.evaluation.rules.keys import opened_at_of
from evalsys.evaluation.views import keys
from evalsys.evaluation.views.blueprint import bp
from evalsys.evaluation.views.kiosk_steps import Kiosk, at_kiosk
from evalsys.evaluation.views.links import visit_of
from evalsys.identity.actions.devices import note_rated
from evalsys.kernel import clock, qr, settings, writer
from evalsys.kernel.batches import Unsure
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.refusals import Refused
from evalsys.kernel.writer import Busy
from evalsys.organisation.queries import places
from evalsys.organisation.queries.places import Place

OTHER, UNKNOWN = "other", "unknown"


@bp.route("/kiosk/<hall>/who", methods=["GET", "POST"])
@at_kiosk
def kiosk_who(kiosk: Kiosk) -> ResponseReturnValue:
    """Who served: on duty now, earlier today, somebody else, or nobody remembered."""
    place = _place(kiosk)
    if place is None:
        return kiosk.go("home")
    if request.method == "GET":
        people = finding.people_at(db.session(), place.window_id, clock.now())
        return kiosk.show("who", place=place, people=people)
    person = request.form.get("person", "")
    if person not in (OTHER, UNKNOWN) and not person.isdecimal():
        return kiosk.go("who", fault=_("请先选一项。"))
    return kiosk.go("level", person=person[:20], key="")


@bp.route("/kiosk/<hall>/level", methods=["GET", "POST"])
@at_kiosk
def kiosk_level(kiosk: Kiosk) -> ResponseReturnValue:
    """Five equal buttons; the tap is stored at once."""
    progress, key = kiosk.progress, request.form.get("key", "")
    if progress.receipt and (request.method == "GET" or key == progress.key):
        return kiosk.go("reasons")
    place = _place(kiosk)
    if place is None or not (progress.person or progress.token):
        return kiosk.go("home")
    if request.method == "POST" and key == progress.key:
        return _take(kiosk, place)
    ready = replace(kiosk, progress=replace(progress, key=progress.key or keys.fresh_key()))
    page = ready.show("level", place=place, person=_person(kiosk), levels=LEVELS)
    return kiosk.keep(page, key=ready.progress.key, fault="")


@bp.route("/kiosk/<hall>/reasons", methods=["GET", "POST"])
@at_kiosk
def kiosk_reasons(kiosk: Kiosk) -> ResponseReturnValue:
    """The reasons in plain words, which may be left; the level is not repeated."""
    receipt = kiosk.progress.receipt
    said = ratings.said_behind(db.session(), keys.receipt_hash(receipt)) if receipt else None
    if said is None:
        return kiosk.go("home")
    offered = ratings.tags_of_level(db.session(), said.level)
    if request.method == "GET":
        return kiosk.show("reasons", tags=offered)
    form = ReasonsForm(request.form, offered, [])
    if not form.validate():
        return kiosk.go("reasons", fault=form.first_fault())
    given = form.explanation()
    if given.tags or given.skip:
        writer.run(explain_rating, keys.receipt_hash(receipt), given, clock.now())
    return kiosk.go("thanks")


@bp.get("/kiosk/<hall>/thanks")
@at_kiosk
def kiosk_thanks(kiosk: Kiosk) -> ResponseReturnValue:
    """Thanks, and the receipt as a picture to take along."""
    if not kiosk.progress.receipt:
        return kiosk.go("home")
    address = settings.current().base_url.rstrip("/") + keys.receipt_url(kiosk.progress.receipt)
    return kiosk.show("thanks", picture=Markup(qr.svg(address)))  # noqa: S704 - our own drawing


def _place(kiosk: Kiosk) -> Place | None:
    window = kiosk.progress.window
    return None if window is None else places.place_of_window(db.session(), window, clock.today())


def _person(kiosk: Kiosk) -> Serving | None:
    progress = kiosk.progress
    if progress.window is None or not progress.person.isdecimal():
        return None
    people = finding.people_at(db.session(), progress.window, clock.now())
    return people.named(int(progress.person))


def _take(kiosk: Kiosk, place: Place) -> ResponseReturnValue:
    form = LevelForm(request.form, [])
    if not form.validate():
        return kiosk.go("level", fault=form.first_fault())
    answer = form.answer()
    receipt = keys.receipt_of(answer.key)
    try:
        _store(kiosk, place, Answer(answer.level, answer.key), receipt)
    except (Busy, Unsure) as busy:
        # The same key again: what may have been stored after all is not counted twice.
        return kiosk.go("level", fault=say(busy))
    except Refused as refusal:
        return kiosk.go("home", fault=say(refusal))
    return kiosk.go("reasons", window=None, token="", person="", receipt=receipt)


def _store(kiosk: Kiosk, place: Place, answer: Answer, receipt: str) -> None:
    terminal = f"kiosk {kiosk.public_id}"
    invited = services.invited_by(db.session(), kiosk.progress.token) if kiosk.progress.token else None
    if invited is not None:
        visit = replace(visit_of(invited, "kiosk", terminal), evidence="B")
        writer.run(rate_service, visit, answer, keys.receipt_hash(receipt))
    else:
        visit = _visit(place, kiosk.progress.person, answer.key, terminal)
        writer.run(rate_at_kiosk, visit, answer, keys.receipt_hash(receipt))
    # The rating is stored: that the device's last one is not noted is nobody's loss.
    with suppress(Busy, Unsure):
        writer.run(note_rated, kiosk.device_id, clock.today(), half_day(clock.now()))


def _visit(place: Place, person: str, key: str, terminal: str) -> Visit:
    now = clock.now()
    return Visit(
        window_id=place.window_id,
        hall_id=place.hall_id,
        unit_id=place.unit_id,
        entry="kiosk",
        channel="back-to-back",
        opened_at=opened_at_of(key, keys.signing_key(), now),
        received_at=now,
        evidence="D",
        staff_id=int(person) if person.isdecimal() else None,
        staff_how={OTHER: "conflict", UNKNOWN: "gap"}.get(person, "chosen"),
        terminal=terminal,
    )
