"""The codes on the windows as the office sees them: print, find the ones never scanned, revoke, reissue."""

import io

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from evalsys.evaluation.actions import codes as actions
from evalsys.evaluation.codes import orders, printing
from evalsys.evaluation.codes.refusals import NotPrintable
from evalsys.evaluation.codes.sheets import doubt_about, rating_address
from evalsys.evaluation.forms import RevokingForm
from evalsys.evaluation.queries import codes
from evalsys.evaluation.queries.codes import CurrentCode
from evalsys.evaluation.rules import PRINT_CODES
from evalsys.evaluation.views.blueprint import bp
from evalsys.identity.rules import CLERKS_SIDE
from evalsys.kernel import clock, paging, qr, settings, site
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.organisation.queries import units


@bp.get("/admin/codes")
@requires(PRINT_CODES)
def window_codes() -> ResponseReturnValue:
    """The codes of the windows in one's scope, to choose from."""
    wanted = orders.wanted(request.args, units.unit_codes(db.session()))
    scope, today, page = current_actor().scope, clock.today(), paging.page_asked()
    return render_template(
        "evaluation/codes.html",
        wanted=wanted,
        listing=codes.listing(db.session(), scope, today, wanted, page),
        bare=codes.windows_without_code(db.session(), scope, today),
        doubt=_doubt(),
        days_shown=_days_shown(),
    )


def _days_shown() -> bool:
    """Whether the day of a scan is shown: a window's first rater of the day is nothing for its own side."""
    return not current_actor().roles & CLERKS_SIDE


@bp.get("/admin/codes/sheets")
@requires(PRINT_CODES)
def code_sheets() -> ResponseReturnValue:
    """The chosen codes, or all a filter asks for, on the chosen paper."""
    order, demo = orders.order(request.args), site.is_demo(db.session())
    base = settings.current().base_url
    orders.check_address(base, demo=demo, insisted="insisted" in request.args)
    posters = [code.poster(base) for code in _chosen()]
    if not posters:
        raise NotPrintable("没有选中可以印的码。请返回上一页选好窗口再下载。")
    file = printing.one_file(posters, order.sheet(clock.now(), demo=demo), order.kind)
    return send_file(io.BytesIO(file.content), as_attachment=True, download_name=file.name)


@bp.get("/admin/codes/<int:code_id>")
@requires(PRINT_CODES)
def window_code(code_id: int) -> ResponseReturnValue:
    """One window's code, and the way to put it out of force."""
    return _page(_found(code_id), RevokingForm())


@bp.post("/admin/codes/<int:code_id>/revoke")
@requires(PRINT_CODES)
def revoke_window_code(code_id: int) -> ResponseReturnValue:
    """Put a code out of force for a stated reason, and give the window a new one if asked."""
    code, form = _found(code_id), RevokingForm(request.form)
    if not form.validate():
        return _page(code, form), 422
    change = actions.reissue_code if request.form.get("then") == "reissue" else actions.revoke_code
    change(db.session(), code.code_id, form.reason.data or "", clock.now(), current_actor())
    flash(_("%(number)s号窗口原来的码已停用,请取下旧海报。", number=code.place.number))
    return _to_window(code)


@bp.post("/admin/codes/<int:code_id>/reissue")
@requires(PRINT_CODES)
def reissue_window_code(code_id: int) -> ResponseReturnValue:
    """Give a window whose code is out of force its next one."""
    code = _found(code_id)
    actions.issue_code(db.session(), code.place.window_id, clock.now(), current_actor())
    flash(_("%(number)s号窗口的新码已发,请下载印出来贴上。", number=code.place.number))
    return _to_window(code)


@bp.post("/admin/codes/issue")
@requires(PRINT_CODES)
def issue_codes() -> ResponseReturnValue:
    """Give every window in one's scope that has none its first code."""
    actor = current_actor()
    issued = actions.ensure_codes(db.session(), clock.now(), actor, actor.scope)
    flash(_("已给%(n)s个窗口发码。", n=issued))
    return redirect(url_for(".window_codes"), 303)


def _found(code_id: int) -> CurrentCode:
    found = codes.current_code(db.session(), current_actor().scope, clock.today(), code_id)
    return found or abort(404)


def _chosen() -> list[CurrentCode]:
    everything = codes.current_codes(db.session(), current_actor().scope, clock.today())
    if "all" in request.args:
        return codes.printable(
            codes.narrowed(everything, orders.wanted(request.args, units.unit_codes(db.session())))
        )
    chosen = set(request.args.getlist("window"))
    return codes.printable(everything, chosen) if chosen else []


def _page(code: CurrentCode, form: RevokingForm) -> str:
    address = rating_address(settings.current().base_url, code.text)
    return render_template(
        "evaluation/codes_one.html",
        code=code,
        form=form,
        address=address,
        picture=qr.svg(address),
        days_shown=_days_shown(),
    )


def _to_window(code: CurrentCode) -> ResponseReturnValue:
    """Back to the window's newest code."""
    current = codes.current_codes(db.session(), current_actor().scope, clock.today())
    newest = next(each for each in current if each.place.window_id == code.place.window_id)
    return redirect(url_for(".window_code", code_id=newest.code_id), 303)


def _doubt() -> str | None:
    base = settings.current().base_url
    doubt = None if site.is_demo(db.session()) else doubt_about(base)
    return doubt and _(doubt).format(base=base)
