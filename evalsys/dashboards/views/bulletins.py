"""Bulletins: written, approved and published by staff, read by anybody."""

import io

from flask import abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from evalsys.dashboards.actions import bulletins as actions
from evalsys.dashboards.documents.funnels import SCREEN, funnel_plots
from evalsys.dashboards.documents.kinds import FILE_TYPES
from evalsys.dashboards.forms.bulletins import DraftForm, DropForm
from evalsys.dashboards.queries import bulletins as queries
from evalsys.dashboards.queries import choices_for, opened
from evalsys.dashboards.queries.bulletins import Issue
from evalsys.dashboards.rules.bulletins import DROP, HALL, SEE_BULLETINS, STATE_WORDS, UNIT, WRITE_BULLETINS
from evalsys.dashboards.rules.reading import read
from evalsys.dashboards.rules.statistics import SIDE_WORDS
from evalsys.dashboards.views.blueprint import bp
from evalsys.kernel import clock, settings
from evalsys.kernel.access import current_actor, public, requires
from evalsys.kernel.database import db
from evalsys.kernel.few import few_at_once
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.refusals import Refused
from evalsys.organisation.queries import directory

OF = {HALL: "hall", UNIT: "department"}


@bp.get("/bulletins")
@public
def published_bulletins() -> ResponseReturnValue:
    """The published bulletins, the latest first."""
    lines = queries.issues(db.session(), published_only=True)
    return render_template("dashboards/bulletins_public.html", lines=lines)


@bp.get("/bulletins/<public_id>")
@public
def published_bulletin(public_id: str) -> ResponseReturnValue:
    """One published bulletin."""
    issue = queries.published_issue(db.session(), public_id) or abort(404)
    return render_template("dashboards/bulletin_public.html", issue=issue, **_read(issue))


@bp.get("/bulletins/<public_id>.<any(pdf,docx,json):kind>")
@public
@few_at_once
def published_file(public_id: str, kind: str) -> ResponseReturnValue:
    """One published bulletin as a file."""
    return _file(queries.published_issue(db.session(), public_id) or abort(404), kind)


@bp.get("/admin/bulletins")
@requires(SEE_BULLETINS)
def bulletins() -> ResponseReturnValue:
    """All bulletins with their states, and a form to draft one."""
    return _listed(_draft_form())


@bp.post("/admin/bulletins")
@requires(WRITE_BULLETINS)
def draft_bulletin() -> ResponseReturnValue:
    """Freeze a month of a place as a draft."""
    form = _draft_form()
    if not form.validate_on_submit():
        return _listed(form)
    site, by = settings.current(), current_actor()
    try:
        public_id = actions.draft_bulletin(db.session(), form.of(), site, by, clock.now())
    except Refused as refusal:
        form.form_errors.append(say(refusal))
        return _listed(form)
    return redirect(url_for(".bulletin", public_id=public_id))


def _listed(form: DraftForm) -> ResponseReturnValue:
    page = render_template(
        "dashboards/bulletins.html",
        form=form,
        lines=queries.issues(db.session(), published_only=False),
        state_words=STATE_WORDS,
        may_write=current_actor().may(WRITE_BULLETINS),
    )
    return page, 422 if form.errors else 200


def _draft_form() -> DraftForm:
    choices = choices_for(db.session(), current_actor(), clock.today())
    form = DraftForm()
    form.offer(directory.halls(db.session()), choices.departments, opened.months(db.session()))
    return form


@bp.get("/admin/bulletins/<public_id>")
@requires(SEE_BULLETINS)
def bulletin(public_id: str) -> ResponseReturnValue:
    """One bulletin in whatever state, and the steps open to it."""
    return _shown(queries.issue(db.session(), public_id) or abort(404), DropForm())


def _shown(issue: Issue, form: DropForm) -> ResponseReturnValue:
    page = render_template(
        "dashboards/bulletin.html",
        issue=issue,
        **_read(issue),
        exact=_exact(issue),
        form=form,
        state_words=STATE_WORDS,
        may_write=current_actor().may(WRITE_BULLETINS),
    )
    return page, 422 if form.errors else 200


@bp.get("/admin/bulletins/<public_id>.<any(pdf,docx,json):kind>")
@requires(SEE_BULLETINS)
@few_at_once
def bulletin_file(public_id: str, kind: str) -> ResponseReturnValue:
    """One bulletin in whatever state as a file."""
    return _file(queries.issue(db.session(), public_id) or abort(404), kind)


def _read(issue: Issue) -> dict[str, object]:
    """The bulletin in sentences, tables and funnel plots."""
    content = issue.content
    return {"said": read(content), "funnels": funnel_plots(content, SCREEN), "side_words": SIDE_WORDS}


def _exact(issue: Issue) -> dict[str, object]:
    """The filters under which staff's own pages say exactly what a bulletin says in tens."""
    period = issue.closing.period
    return {"from": period.first, "to": period.last} | ({OF[issue.place]: issue.code} if issue.code else {})


def _file(issue: Issue, kind: str) -> ResponseReturnValue:
    content, media_type = FILE_TYPES[kind]
    name = f"bulletin-{issue.closing.name}-{issue.public_id}.{kind}"
    return send_file(io.BytesIO(content(issue)), media_type, as_attachment=True, download_name=name)


@bp.post("/admin/bulletins/<public_id>/<any(approve,publish,drop):act>")
@requires(WRITE_BULLETINS)
def bulletin_step(public_id: str, act: str) -> ResponseReturnValue:
    """Approve, publish or drop a bulletin."""
    issue = queries.issue(db.session(), public_id) or abort(404)
    form = DropForm()
    if act == DROP and not form.validate_on_submit():
        return _shown(issue, form)
    reason = form.reason.data or "" if act == DROP else ""
    actions.take_step(db.session(), issue, actions.Step(act, reason.strip()), current_actor(), clock.now())
    flash(_("已记下。"))
    return redirect(url_for(".bulletin", public_id=public_id))
