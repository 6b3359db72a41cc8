"""The rating page behind a window's code: five buttons, one tap, no script, no cookie."""

from contextlib import suppress
from datetime import date

from flask import (
    Response,
    abort,
    copy_current_request_context,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError

from evalsys.evaluation.actions import codes as code_actions
from evalsys.evaluation.actions.ratings import record_rating
from evalsys.evaluation.codes import check
from evalsys.evaluation.forms import LevelForm, tapped
from evalsys.evaluation.queries import codes, ratings
from evalsys.evaluation.queries.codes import ScannedCode
from evalsys.evaluation.rules import LEVELS, Visit
from evalsys.evaluation.rules.keys import is_key, opened_at_of
from evalsys.evaluation.views import keys, short_way
from evalsys.evaluation.views.blueprint import bp
from evalsys.kernel import clock, kept, writer
from evalsys.kernel.access import citizen, known_actor
from evalsys.kernel.batches import Unsure
from evalsys.kernel.database import db
from evalsys.kernel.kept import Shelf
from evalsys.kernel.writer import Busy
from evalsys.organisation.queries import places
from evalsys.organisation.queries.places import Place

# One entry for each code that is posted to; a region has no more windows.
STANDING_ROOM = 16_384
_STANDING = "evalsys.standing"

bp.record(lambda state: state.app.extensions.update({_STANDING: Shelf(STANDING_ROOM)}))


@bp.route("/q/<code>", methods=["GET", "POST"])
@citizen
def rate(code: str) -> ResponseReturnValue:
    """Show the rating form of a window, or store the level tapped on it."""
    answering = request.method == "POST"
    found = _standing(code) if answering else _read_standing(code)
    if found is None:
        return render_template("evaluation/code_unknown.html"), 404
    scanned, place = found
    other = _instead_of_the_form(scanned, place)
    # Its thanks may have got lost on the way: whatever has become of the code, the receipt stands.
    if other is not None and not (answering and _is_answered()):
        return other
    return _take(place) if answering else _opened(code, scanned, place)


def _is_answered() -> bool:
    return ratings.is_key_known(db.session(), request.form.get("key", ""))


def _standing(code: str) -> tuple[ScannedCode, Place] | None:
    """What a code stands for today, kept while that does not change."""
    shelf: Shelf[tuple[ScannedCode, Place]] = current_app.extensions[_STANDING]
    return kept.kept_or_read(shelf, check.plain(code), lambda: _read_standing(code))


def _read_standing(code: str) -> tuple[ScannedCode, Place] | None:
    scanned = codes.code_for_scan(db.session(), code, keys.code_keys())
    return None if scanned is None else (scanned, _place(scanned.window_id, clock.today()))


def _instead_of_the_form(scanned: ScannedCode, place: Place) -> ResponseReturnValue | None:
    """What stands in the form's place: the code is revoked, staff are on patrol, the window is closed."""
    if scanned.revoked:
        return render_template("evaluation/code_revoked.html"), 410
    if known_actor() is not None:
        return render_template("evaluation/patrol.html", place=place, version=scanned.version)
    if not place.is_open:
        return render_template("evaluation/closed.html", place=place), 410
    return None


def _place(window_id: int, day: date) -> Place:
    return places.place_of_window(db.session(), window_id, day) or abort(404)


def _note_scan_after(response: Response, code_id: int) -> None:
    """Note the day's first scan once the page is on its way: nobody waits for it, and it may fail."""

    @copy_current_request_context
    def note() -> None:
        with suppress(OperationalError, Busy, Unsure):
            writer.run(code_actions.mark_scanned, code_id, clock.today())

    response.call_on_close(note)


def _opened(code: str, scanned: ScannedCode, place: Place) -> Response:
    """The form with a key of its own; from the day's second scan on it is kept."""
    key = keys.fresh_key()
    response = make_response(_form(place, key))
    # Going back shows this very form and its key again, so that a second tap is the same answer; a new
    # scan asks anew.
    response.headers["Cache-Control"] = "private, no-cache"
    if scanned.last_scanned_day != clock.today():
        _note_scan_after(response, scanned.code_id)
    elif code == check.plain(code):
        # A code is typed in a thousand ways: the printed one is kept.
        short_way.may_be_kept(request.environ, key)
    return response


def _returned(place: Place, faulty: LevelForm) -> ResponseReturnValue:
    """The form again, with what was wrong and what was written."""
    key = faulty.key.data or ""
    page = _form(
        place,
        key=key if is_key(key) else keys.fresh_key(),
        error=faulty.first_fault(),
        tags=[] if faulty.tags.errors else faulty.tags.data,
        text=faulty.text.data,
    )
    return page, 422


def _form(place: Place, key: str, **kept: object) -> str:
    # The form goes to an address of its own: a POST to the page's would drop the page from the phone's cache.
    action = f"{request.path}?sent=1"
    return render_template("evaluation/rate.html", place=place, levels=LEVELS, key=key, action=action, **kept)


def _take(place: Place) -> ResponseReturnValue:
    answer = tapped(request.form)
    if answer is None:
        level = request.form.get("level", "")
        offered = ratings.tags_of_level(db.session(), int(level)) if _needs_tags(level) else []
        form = LevelForm(request.form, offered)
        if not form.validate():
            return _returned(place, form)
        answer = form.answer()
    receipt = keys.receipt_of(answer.key)
    writer.run(record_rating, _visit(place, answer.key), answer, keys.receipt_hash(receipt))
    return redirect(keys.receipt_url(receipt), 303)


def _needs_tags(level: str) -> bool:
    return "tags" in request.form and level in {"1", "2", "3", "4", "5"}


def _visit(place: Place, key: str) -> Visit:
    now = clock.now()
    opened_at = opened_at_of(key, keys.signing_key(), now)
    if clock.day_of(opened_at) != clock.day_of(now):
        # It counts on the day the form was opened, and so for whom the window belonged to then.
        place = _place(place.window_id, clock.day_of(opened_at))
    return Visit(
        window_id=place.window_id,
        hall_id=place.hall_id,
        unit_id=place.unit_id,
        entry="window-code",
        channel="on-the-go",
        opened_at=opened_at,
        received_at=now,
        terminal="phone",
        # Hashed at once under the day's key, which is destroyed within 48 hours.
        device=f"{request.remote_addr} {request.user_agent.string}",
    )
