"""Paper forms: typed in by somebody who is not of the rated unit."""

from collections.abc import Mapping, Sequence
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.evaluation.actions.paper import Sheet, check_outside, enter_paper
from evalsys.evaluation.forms import PaperForm
from evalsys.evaluation.queries import ratings
from evalsys.evaluation.queries.ratings import TagOffer
from evalsys.evaluation.rules import ENTER_PAPER, LEVELS, Visit
from evalsys.evaluation.views.blueprint import bp
from evalsys.kernel import clock, settings
from evalsys.kernel.access import EVERYTHING, current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.refusals import Refused
from evalsys.organisation.queries import places
from evalsys.organisation.queries.places import Place


@bp.route("/admin/paper", methods=["GET", "POST"])
@requires(ENTER_PAPER)
def paper() -> ResponseReturnValue:
    """Type in one paper form; the page comes back empty for the next one."""
    offered = {level.value: ratings.tags_of_level(db.session(), level.value) for level in LEVELS}
    level = request.form.get("level", "", type=str)
    own = offered.get(int(level), []) if level in {"1", "2", "3", "4", "5"} else []
    form = PaperForm(request.form, own, request.files.get("scan"))
    if request.method == "GET" or not form.validate():
        return _page(form, offered, "", 422 if form.errors else 200)
    try:
        recorded = _enter(form)
    except Refused as refusal:
        return _page(form, offered, say(refusal), refusal.status)
    flash(_("已录入并计入统计。") if recorded else _("这张评价单录入过了,没有重复计算。"))
    return redirect(url_for(".paper"), 303)


def _enter(form: PaperForm) -> bool:
    """Store the form; whether it was new."""
    day, kept = form.day.data, form.kept
    if day is None or kept is None:
        raise Refused("这一页不完整,没有保存。请重新填写。")
    place = _place(form.window.data or "", day)
    sheet = Sheet((form.serial.data or "").strip().upper(), day, form.half_day.data, form.at.data, kept)
    actor, here = current_actor(), settings.current()
    connection = db.session().connection()
    visit = _visit(place, form.channel.data)
    return enter_paper(connection, visit, form.answer(), sheet, by=actor, settings=here).is_new


def _place(said: str, day: date) -> Place:
    """The window of a number, or of a code where halls share numbers; not one of the own unit."""
    wanted = said.strip().upper()
    session = db.session()
    found = [
        place
        for place in places.places_in(session, EVERYTHING, day)
        if wanted in (place.number.upper(), place.code.upper())
    ]
    if not found:
        raise Refused("没有“{number}”号窗口。请对照单子再填。", number=wanted[:20])
    if len(found) > 1:
        raise Refused("几个大厅都有这个窗口号。请连大厅代码一起填,例如 {code}。", code=found[0].code)
    check_outside(session.connection(), current_actor(), found[0].unit_id)
    return found[0]


def _visit(place: Place, channel: str) -> Visit:
    now = clock.now()
    return Visit(
        window_id=place.window_id,
        hall_id=place.hall_id,
        unit_id=place.unit_id,
        entry="paper",
        channel=channel,
        opened_at=now,
        received_at=now,
        terminal="paper",
    )


def _page(
    form: PaperForm, offered: Mapping[int, Sequence[TagOffer]], refusal: str, status: int
) -> ResponseReturnValue:
    page = render_template(
        "evaluation/paper.html",
        form=form,
        offered=offered,
        levels=LEVELS,
        refusal=refusal,
        today=clock.today(),
    )
    return page, status
