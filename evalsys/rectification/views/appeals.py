"""The rated side's appeal against a rating of a case."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.forms import takes_files
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.organisation.queries import directory
from evalsys.rectification.actions import appeals as acting
from evalsys.rectification.forms import AppealForm
from evalsys.rectification.queries import appeals as reading
from evalsys.rectification.queries.appeals import Appealable
from evalsys.rectification.queries.story import Story
from evalsys.rectification.rules import Missing, NotAllowed, NotYours
from evalsys.rectification.rules.appeals import (
    APPEAL_STATE_WORDS,
    EFFECT_WORDS,
    FILE_APPEALS,
    GROUND_WORDS,
    NEVER_FALSE,
    Filing,
    Ground,
    check_may_file,
    is_rated_side,
)
from evalsys.rectification.rules.fields import FINDING_WORDS
from evalsys.rectification.rules.terms import APPEAL_DAYS, REVIEW_DAYS
from evalsys.rectification.views.blueprint import bp
from evalsys.rectification.views.case import handed_in, story_of, tell


@bp.get("/cases/<no>/appeal")
@requires(FILE_APPEALS)
def appeal(no: str) -> ResponseReturnValue:
    """Show what may be appealed against, and what became of earlier appeals."""
    found = story_of(no)
    return _page(found, _form(found))


@bp.post("/cases/<no>/appeal")
@requires(FILE_APPEALS)
@takes_files
def file_appeal(no: str) -> ResponseReturnValue:
    """File an appeal; what is missing or not allowed is said beside the form, with the input kept."""
    found = story_of(no)
    form = _form(found)
    if not form.rating.choices:
        _refuse(found)
    if not form.validate():
        return _page(found, form), 422
    try:
        _file(found, form)
    except (Missing, NotAllowed) as refusal:
        tell(form, refusal)
        return _page(found, form), refusal.status
    flash(_("申诉已提交,两位复核员会在%(n)s个工作日内复核。整改时限照常计算。", n=REVIEW_DAYS))
    return redirect(url_for(".appeal", no=no), 303)


def _file(found: Story, form: AppealForm) -> None:
    files, actor = handed_in(form), current_actor()
    evidence = str(form.evidence.data or "").replace("\r\n", "\n").strip()
    filing = Filing(Ground(form.ground.data), evidence, files, _named(str(form.staff_no.data or "")))
    root = int(str(form.rating.data))
    acting.file_appeal(db.session().connection(), found.line.id, root, actor, filing, now=clock.now())


def _named(staff_no: str) -> int | None:
    """Whose number that is; None for none. Raises Missing for a number there is not."""
    if not staff_no.strip():
        return None
    people = directory.staff_on(db.session(), clock.today()).values()
    found = [person.id for person in people if person.staff_no == staff_no.strip()]
    if not found:
        raise Missing({"staff_no": _("没有工号为“%(no)s”的人", no=staff_no.strip()[:20])})
    return found[0]


def _ours(found: Story) -> Sequence[Appealable]:
    """The ratings of the case that are about the person who asks, or about their unit."""
    actor = current_actor()
    return [one for one in reading.ratings_of(db.session(), found.line.id) if is_rated_side(one.rated, actor)]


def refusal_of(one: Appealable) -> str | None:
    """Why a rating cannot be appealed against now, as a sentence; None where it can."""
    try:
        check_may_file(one.rated, current_actor(), clock.today(), was_appealed=one.appeal is not None)
    except NotAllowed as refusal:
        return say(refusal)
    return None


def _refuse(found: Story) -> None:
    """Say why there is nothing here to appeal against."""
    for one in _ours(found):
        check_may_file(one.rated, current_actor(), clock.today(), was_appealed=one.appeal is not None)
    raise NotYours("申诉由被评价的本人,或其单位的窗口管理员、部门负责人提出。")


def words_of(one: Appealable) -> str:
    """A rating as its rated side knows it: the half-day and the tags."""
    half = _("上午") if one.seen.half_day == "am" else _("下午")
    return " · ".join([f"{one.seen.day} {half}", *(tag.plain for tag in one.seen.tags)])


def _form(found: Story) -> AppealForm:
    still_open = [one for one in _ours(found) if refusal_of(one) is None]
    return AppealForm([(str(one.rated.root), words_of(one)) for one in still_open])


def _page(found: Story, form: AppealForm) -> str:
    ours = _ours(found)
    return render_template(
        "rectification/appeals/appeal.html",
        found=found,
        form=form,
        ours=[(one, refusal_of(one)) for one in ours],
        verdicts={
            one.appeal.id: reading.reviews(db.session(), one.appeal.id, clock.now())
            for one in ours
            if one.appeal is not None and one.appeal.decided_at is not None
        },
        finding_words=FINDING_WORDS,
        ground_words=GROUND_WORDS,
        appeal_words=APPEAL_STATE_WORDS,
        effect_words=EFFECT_WORDS,
        never_false=NEVER_FALSE,
        appeal_days=APPEAL_DAYS,
    )
