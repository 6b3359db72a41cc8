"""Rehearsing the ways in that need a service: it is noted, rated and taken back within one request."""

from flask import abort, request
from flask.typing import ResponseReturnValue

from evalsys.evaluation.actions.rehearsing import rate_new_service
from evalsys.evaluation.forms import LevelForm
from evalsys.evaluation.rules import NewService
from evalsys.evaluation.views.blueprint import bp
from evalsys.evaluation.views.links import visit_of
from evalsys.kernel import clock, rehearsal, writer
from evalsys.kernel.access import citizen
from evalsys.kernel.database import db
from evalsys.organisation.queries import places


@bp.post("/rehearsal/<any(tablet,link,ticket):entry>/<int:window_id>")
@citizen
def rehearse(entry: str, window_id: int) -> ResponseReturnValue:
    """Take a level by a way that needs a service; 404 to whoever is not the site itself."""
    if not rehearsal.is_on():
        abort(404)
    now = clock.now()
    place = places.place_of_window(db.session(), window_id, clock.day_of(now)) or abort(404)
    form = LevelForm(request.form, [])
    if not form.validate():
        abort(422)
    new = NewService(place.window_id, place.hall_id, place.unit_id, ended_at=now)
    writer.run(rate_new_service, new, entry, form.answer(), visit_of=visit_of, now=now)
    return "", 204
