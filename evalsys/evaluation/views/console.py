"""The clerk's side of a prompt: the state of one window's last one, 请评 and 接班; never a level."""

from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.evaluation.actions import counter as actions
from evalsys.evaluation.queries import prompts
from evalsys.evaluation.rules import ASK_TO_RATE, STILL_THERE, NewService
from evalsys.evaluation.rules.keys import is_key
from evalsys.evaluation.views import keys, paired, screens
from evalsys.evaluation.views.blueprint import bp
from evalsys.evaluation.views.counter import note_life
from evalsys.identity.queries import devices
from evalsys.identity.queries.devices import PairedDevice
from evalsys.identity.rules import DEAD_AFTER
from evalsys.kernel import clock, writer
from evalsys.kernel.access import Scope, current_actor, device, known_actor
from evalsys.kernel.database import db
from evalsys.kernel.forms import csrf
from evalsys.organisation.duty import Sitting, whose_work
from evalsys.organisation.queries import places, rota
from evalsys.organisation.queries.places import Place
from evalsys.organisation.queries.rota import Shift

PAGE = "counter/console.html"


@dataclass(frozen=True)
class Post:
    """A window and the place from which it is asked for: a paired console, or somebody's own sign-in."""

    place: Place
    console: PairedDevice | None

    @property
    def address(self) -> str:
        """The address of its console."""
        return url_for("evaluation.console_prompt", window=None if self.console else self.place.code)


def paired_console() -> PairedDevice | None:
    """The paired console this request comes from; a person's own sign-in goes before it."""
    return None if known_actor() else paired.device_in_use("console")


def _posts() -> list[Post]:
    """The windows the person or console may ask at: open ones of one's unit, or the console's own."""
    console, today = paired_console(), clock.today()
    if console is not None and console.window_id is not None:
        place = places.place_of_window(db.session(), console.window_id, today) or abort(404)
        return [Post(place, console)]
    known = paired.known_device()
    if known_actor() is None and known is not None and known.revoked_at is not None:
        paired.explain_itself()
    actor = current_actor()
    if not actor.may(ASK_TO_RATE):
        abort(403)
    return [
        Post(place, None) for place in places.places_in(db.session(), actor.scope, today) if place.is_open
    ]


def post_asked(code: str) -> Post | None:
    """The window asked for, the console's only one, or the one the person sits at now."""
    found = _posts()
    if code or len(found) == 1:
        return next((post for post in found if code in ("", post.place.code)), None) or abort(404)
    return next((post for post in found if _is_own(post.place)), None)


def _is_own(place: Place) -> bool:
    sitting, staff_id = who_sits(place), current_actor().staff_id
    return sitting is not None and sitting.staff_id == staff_id


def who_sits(place: Place) -> Shift | None:
    """Who counts as sitting at a window now; nobody where it is a gap or a conflict."""
    now = clock.now()
    shifts = rota.staff_on_duty(db.session(), place.window_id, now)
    whose = whose_work([Sitting(s.staff_id, s.starts_at, s.ends_at, s.kind, s.source) for s in shifts], now)
    return next((shift for shift in shifts if shift.staff_id == whose.staff_id), None)


@bp.get("/console/prompt")
@device
def console_prompt() -> ResponseReturnValue:
    """How far the window's last prompt has come, live; or a list of windows to choose from."""
    post = post_asked(request.args.get("window", ""))
    if post is None:
        return render_template("counter/choose.html", posts=_posts())
    if post.console is not None:
        note_life(post.console)
    return _state(post)


@dataclass(frozen=True)
class Stand:
    """What a console says: nothing but how far its window has come."""

    state: str
    waiting: str = ""


def _stand(place: Place, tablet: PairedDevice | None) -> Stand:
    now, today, session = clock.now(), clock.today(), db.session()
    if tablet is None or tablet.seen_at is None or now > tablet.seen_at + DEAD_AFTER:
        return Stand("none")
    last = prompts.last_prompt(session, place.window_id, today)
    waiting = prompts.waiting_service(session, place.window_id, today, now - STILL_THERE)
    if waiting is not None and (last is None or waiting.ended_at > last.sent_at):
        return Stand("ready", waiting.public_id)
    return Stand("ready") if last is None else Stand(last.stands(tablet.id, now))


def _state(post: Post) -> ResponseReturnValue:
    tablet = devices.tablet_of_window(db.session(), post.place.window_id)
    serial = screens.serial_of(tablet.public_id) if tablet else ""
    stand, sitting = _stand(post.place, tablet), who_sits(post.place)
    name = f"{stand.state} {stand.waiting} {sitting.staff_id if sitting else 0}"
    values: dict[str, Any] = {
        "post": post,
        "tablet": tablet,
        "stand": stand,
        "sitting": sitting,
        "serial": serial,
    }
    return screens.unchanged(name, serial) or screens.drawn(
        PAGE, "state", name=name, key=keys.fresh_key(), **values
    )


@bp.post("/console/prompt")
@device
def ask_to_rate() -> ResponseReturnValue:
    """Ask the customer at the counter to rate, once for each service."""
    if paired_console() is None:
        csrf.protect()
    post = post_asked(request.form.get("window", "")) or abort(404)
    key = request.form.get("key", "")
    if not is_key(key):
        abort(400)
    writer.run(actions.ask_to_rate, _service_now(post.place, key), request.form.get("waiting", ""))
    return redirect(post.address, 303)


def _service_now(place: Place, key: str) -> NewService:
    actor = known_actor()
    return NewService(
        place.window_id,
        place.hall_id,
        place.unit_id,
        ended_at=clock.now(),
        idempotency_key=f"console-{key}"[:64],
        made_by=actor.account_id if actor else None,
    )


@bp.get("/console/prompt/hand-over")
@device
def console_hand_over() -> ResponseReturnValue:
    """Who of the department may sit down at a paired console's window, those on today's rota first."""
    post = _console_post()
    today, session = clock.today(), db.session()
    people = rota.people_in(session, Scope(units=frozenset({post.place.unit_id})), today)
    planned = {shift.staff_id for shift in rota.duties_of(session, [post.place.window_id], today)}
    people.sort(key=lambda person: person.staff_id not in planned)
    return screens.drawn(PAGE, "hand_over", post=post, people=people, name="hand-over", serial="")


@bp.post("/console/prompt/hand-over")
@device
def hand_over_here() -> ResponseReturnValue:
    """Let somebody of the department take over at a paired console's window."""
    post, staff_id = _console_post(), request.form.get("staff", type=int)
    people = rota.people_in(db.session(), Scope(units=frozenset({post.place.unit_id})), clock.today())
    if staff_id is None or staff_id not in {person.staff_id for person in people}:
        abort(404)
    writer.run(actions.take_seat, post.place.window_id, staff_id, clock.now())
    return redirect(post.address, 303)


def _console_post() -> Post:
    """The paired console's own window; people who are signed in take over on the page of their department."""
    if paired_console() is None:
        paired.explain_itself()
    return _posts()[0]
