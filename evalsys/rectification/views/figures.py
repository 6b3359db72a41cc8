"""Figures of the loop by unit: on a page, as files, and the cases behind each."""

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock, settings, tables
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.periods import period_asked
from evalsys.rectification import exports
from evalsys.rectification.queries import behind_figures
from evalsys.rectification.queries import figures as queries
from evalsys.rectification.queries.behind_figures import Part, Wanted
from evalsys.rectification.queries.figures import Figures
from evalsys.rectification.rules.figures import DEFINITIONS, KIND_NAMES, OF_APPEALS, SEE_FIGURES, Figure
from evalsys.rectification.views.blueprint import bp

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/cases/figures")
@requires(SEE_FIGURES)
def figures() -> ResponseReturnValue:
    """Show every figure of a period, unit by unit, with what it counts behind a "?"."""
    found = _figures()
    return render_template(
        "rectification/figures.html",
        found=found,
        definitions=_definitions(found.kind),
        kinds=KIND_NAMES,
        least=settings.current().min_n_rate,
        kept={"from": found.period.first, "to": found.period.last, "kind": found.kind},
    )


@bp.get("/cases/figures.csv")
@requires(SEE_FIGURES)
def figures_csv() -> Response:
    """The same figures as CSV."""
    found = _figures()
    return _file(tables.as_csv(exports.FIELDS, exports.rows_of(found)), "text/csv", found, "csv")


@bp.get("/cases/figures.xlsx")
@requires(SEE_FIGURES)
def figures_workbook() -> Response:
    """The same figures as a workbook, with what each counts on a second sheet."""
    found = _figures()
    book = tables.as_xlsx(
        {
            "figures": (exports.FIELDS, exports.rows_of(found)),
            "definitions": (exports.DEFINED, exports.definitions()),
        }
    )
    return _file(book, WORKBOOK, found, "xlsx")


@bp.get("/cases/figures/<name>")
@requires(SEE_FIGURES)
def behind_figure(name: str) -> ResponseReturnValue:
    """Show the cases behind one figure: all of them, those that count, or the others."""
    wanted = _wanted(Figure(name) if name in list(Figure) else abort(404))
    cursor = request.args.get("cursor", type=int)
    page = behind_figures.cases_behind(db.session(), wanted, current_actor(), clock.now(), cursor)
    return render_template(
        "rectification/figures_behind.html",
        wanted=wanted,
        parts=list(Part),
        definition=DEFINITIONS[wanted.figure],
        found=page,
        lines=page.lines,
        kept={"from": wanted.period.first, "to": wanted.period.last, "kind": wanted.kind},
    )


def _figures() -> Figures:
    period = period_asked(request.args.get("from", ""), request.args.get("to", ""), clock.today())
    kind = queries.kind_asked(request.args.get("kind", ""))
    return queries.figures(db.session(), period, kind, settings.current().min_n_rate, clock.now())


def _wanted(figure: Figure) -> Wanted:
    said = request.args
    return Wanted(
        figure,
        period_asked(said.get("from", ""), said.get("to", ""), clock.today()),
        queries.kind_asked(said.get("kind", "")),
        said.get("unit", "").strip(),
        behind_figures.part_asked(said.get("part", "")),
    )


def _definitions(kind: str) -> dict[Figure, object]:
    """The definitions of the figures a kind of case has: only bad reviews can be appealed against."""
    has_appeals = kind == queries.BAD_REVIEW
    return {figure: said for figure, said in DEFINITIONS.items() if has_appeals or figure not in OF_APPEALS}


def _file(content: bytes, media_type: str, found: Figures, kind: str) -> Response:
    name = f"attachment; filename=cases-{found.kind}-{found.period.first}-{found.period.last}.{kind}"
    return Response(content, mimetype=media_type, headers={"Content-Disposition": name})
