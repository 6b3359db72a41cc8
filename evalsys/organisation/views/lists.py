"""What stands: the overview, and the windows, staff and items to look through."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock, paging
from evalsys.kernel.access import requires
from evalsys.kernel.database import db
from evalsys.organisation.queries import lists
from evalsys.organisation.rules import EDIT_ORGANISATION
from evalsys.organisation.views.blueprint import bp


@bp.get("/admin/organisation")
@requires(EDIT_ORGANISATION)
def overview() -> ResponseReturnValue:
    """How many of everything there are, the departments and halls, and the last imports."""
    session = db.session()
    return render_template(
        "organisation/overview.html",
        counts=lists.counts(session),
        units=lists.units_tree(session, clock.today()),
        halls=lists.hall_lines(session),
        imports=lists.last_imports(session),
    )


def _asked() -> tuple[str, int]:
    """The words looked for, and the page."""
    return request.args.get("q", "").strip()[:100], paging.page_asked()


def _shown(template: str, rows: object, total: int) -> ResponseReturnValue:
    wanted, page = _asked()
    pages = max(1, -(-total // lists.PAGE))
    return render_template(template, rows=rows, total=total, page=page, pages=pages, wanted=wanted)


@bp.get("/admin/organisation/windows")
@requires(EDIT_ORGANISATION)
def windows() -> ResponseReturnValue:
    """The windows."""
    return _shown("organisation/windows.html", *lists.window_lines(db.session(), clock.today(), *_asked()))


@bp.get("/admin/organisation/staff")
@requires(EDIT_ORGANISATION)
def staff() -> ResponseReturnValue:
    """The staff."""
    return _shown("organisation/staff.html", *lists.staff_lines(db.session(), clock.today(), *_asked()))


@bp.get("/admin/organisation/items")
@requires(EDIT_ORGANISATION)
def items() -> ResponseReturnValue:
    """The service items."""
    return _shown("organisation/items.html", *lists.item_lines(db.session(), clock.today(), *_asked()))
