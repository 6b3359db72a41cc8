"""What is added to a case without moving it: tries, notes, units that help, links to duplicates."""

from collections.abc import Callable, Mapping
from functools import wraps

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db, let_go
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.refusals import Refused
from evalsys.organisation.queries import units
from evalsys.rectification.actions import linking, moving
from evalsys.rectification.rules import WORK_CASES, Missing
from evalsys.rectification.rules.fields import HOW, TEXT_LIMIT
from evalsys.rectification.views.blueprint import bp
from evalsys.rectification.views.case import page, story_of
from evalsys.rectification.views.kept import Kept

Note = Callable[[str], ResponseReturnValue]


def _gives_back(view: Note) -> Note:
    """Draw the case again where a note is refused, with the sentence and what was written."""

    @wraps(view)
    def noted(no: str) -> ResponseReturnValue:
        try:
            return view(no)
        except Refused as refusal:
            let_go()
            return page(story_of(no), {}, Kept(say(refusal), _words()), _typed()), refusal.status

    return noted


def _typed() -> Mapping[str, str]:
    """What the forms of a case's notes were given, each under `form` and the field's name."""
    form = str(request.endpoint).rpartition(".")[2]
    return {f"{form}-{name}": value for name, value in request.form.items()} | {form: "open"}


def _words() -> list[tuple[str, str]]:
    """What was written in one's own words, to be copied where the form is not open any more."""
    written = (request.form.get(name, "").strip() for name in ("outcome", "note", "reason", "same_as"))
    return [("", words) for words in written if words]


def _written(name: str, label: str) -> str:
    """What was written into a field; raises Missing where nothing was, or too much."""
    text = request.form.get(name, "").replace("\r\n", "\n").strip()
    if not text:
        raise Missing({name: _("请填写“%(label)s”", label=label)})
    if len(text) > TEXT_LIMIT:
        raise Missing({name: _("“%(label)s”最多%(most)s个字", label=label, most=TEXT_LIMIT)})
    return text


@bp.post("/cases/<no>/tries")
@requires(WORK_CASES)
@_gives_back
def note_try(no: str) -> ResponseReturnValue:
    """Note a try to reach the person."""
    case_id = story_of(no).line.id
    how = request.form.get("how", "")
    if how not in dict(HOW.choices):
        raise Missing({"how": _("请选怎样联系的")})
    outcome = _written("outcome", _("结果"))
    moving.note_try(
        db.session().connection(), case_id, current_actor(), how=how, outcome=outcome, now=clock.now()
    )
    flash(_("已记下这次联系。"))
    return redirect(url_for(".case", no=no), 303)


@bp.post("/cases/<no>/notes")
@requires(WORK_CASES)
@_gives_back
def note(no: str) -> ResponseReturnValue:
    """Add a note to the story."""
    case_id, words = story_of(no).line.id, _written("note", _("备注"))
    moving.note(db.session().connection(), case_id, current_actor(), words, now=clock.now())
    flash(_("已记下。"))
    return redirect(url_for(".case", no=no), 303)


@bp.post("/cases/<no>/assistants")
@requires(WORK_CASES)
@_gives_back
def assistants(no: str) -> ResponseReturnValue:
    """Ask another unit to help the owner, who stays responsible."""
    case_id, reason = story_of(no).line.id, _written("reason", _("协办什么"))
    codes = units.unit_codes(db.session())
    unit = codes.get(request.form.get("unit", ""))
    if unit is None:
        raise Missing({"unit": _("请选协办单位")})
    connection = db.session().connection()
    moving.add_assistants(connection, case_id, current_actor(), (unit,), reason, now=clock.now())
    flash(_("已请协办。承办单位不变,首派负责。"))
    return redirect(url_for(".case", no=no), 303)


@bp.post("/cases/<no>/same")
@requires(WORK_CASES)
@_gives_back
def same(no: str) -> ResponseReturnValue:
    """Link the case to another about the same thing."""
    case_id, other = story_of(no).line.id, _written("same_as", _("单号"))
    linking.link_same(db.session().connection(), case_id, other, current_actor(), now=clock.now())
    flash(_("已关联%(no)s。", no=other))
    back = ".dispatch_desk" if request.form.get("back") == "desk" else ".case"
    return redirect(url_for(back, no=no), 303)
