"""What the system has to tell a person: the own notices, and that they were read."""

from flask import abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from evalsys.identity.rules import OWN_ACCOUNT
from evalsys.identity.views.blueprint import bp
from evalsys.kernel import clock
from evalsys.kernel import notices as kernel
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _

SHOWN = 100


@bp.get("/notices")
@requires(OWN_ACCOUNT)
def notices() -> ResponseReturnValue:
    """The own notices of the last 90 days, the newest first."""
    found = kernel.notices_of(db.session(), current_actor(), SHOWN, clock.now())
    lines = [(notice, _words(notice)) for notice in found]
    return render_template("identity/notices.html", lines=lines, shown=SHOWN)


def _words(notice: kernel.Notice) -> str:
    """The sentence in the reader's language, and those of its values that are words of ours."""
    values = {
        name: _(value) if value and isinstance(value, str) else value for name, value in notice.values.items()
    }
    return _(notice.sentence).format(**values)


@bp.post("/notices/<int:notice_id>/open")
@requires(OWN_ACCOUNT)
def open_notice(notice_id: int) -> ResponseReturnValue:
    """Note that a notice was read and go where it leads."""
    rows, actor, now = db.session(), current_actor(), clock.now()
    link = kernel.link_of(rows, actor, notice_id, now) or abort(404)
    kernel.mark_read(rows.connection(), actor, now, [notice_id])
    _show_fewer_at_once()
    return redirect(link, 303)


@bp.post("/notices/read")
@requires(OWN_ACCOUNT)
def read_notices() -> ResponseReturnValue:
    """Note that all notices were read."""
    kernel.mark_read(db.session().connection(), current_actor(), clock.now())
    _show_fewer_at_once()
    return redirect(url_for(".notices"), 303)


def _show_fewer_at_once() -> None:
    # Kept pages show how many are unread, and are kept by the cookies they were asked for with.
    session["notices_read_at"] = clock.now().isoformat()
