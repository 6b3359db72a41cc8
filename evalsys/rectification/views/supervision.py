"""督办单 on a page that prints."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock, paging
from evalsys.kernel.access import requires
from evalsys.kernel.database import db
from evalsys.organisation.queries import directory
from evalsys.rectification.queries import supervision
from evalsys.rectification.queries.supervision import AskedNotices
from evalsys.rectification.rules import CHASE
from evalsys.rectification.rules.lights import Light
from evalsys.rectification.views.blueprint import bp

_RED = (Light.RED, Light.RED_2, Light.RED_3)


@bp.get("/cases/notices")
@requires(CHASE)
def supervision_notices() -> ResponseReturnValue:
    """Show the 督办单, the latest first; at first only those whose case has not moved since."""
    said, now, page = request.args, clock.now(), paging.page_asked()
    asked = AskedNotices(
        unit=said.get("unit", "").strip(),
        light=said.get("light", "").strip(),
        standing=said.get("standing", "1") == "1",
    )
    return render_template(
        "rectification/supervision.html",
        asked=asked,
        found=supervision.notices(db.session(), asked, now, page),
        page=page,
        now=now,
        reds=_RED,
        departments=directory.units_on(db.session(), clock.today()).values(),
    )
