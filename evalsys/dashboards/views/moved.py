"""数字为什么变了: its page, and all rows as files; whoever reads rows is noted."""

import io

from flask import render_template, request, send_file
from flask.typing import ResponseReturnValue

from evalsys.dashboards.queries import moved as queries
from evalsys.dashboards.queries.moved import MovedIn
from evalsys.dashboards.rules import SEE_LIVE
from evalsys.dashboards.rules import moved as rules
from evalsys.dashboards.views.blueprint import bp
from evalsys.evaluation.actions.reading import as_noted, note_reading
from evalsys.kernel import clock, tables, writer
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.few import few_at_once

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/indicators/moved")
@requires(SEE_LIVE)
@few_at_once
def moved() -> ResponseReturnValue:
    """What the sums of a closed period were when it closed, what they are, and the ratings between."""
    found = _found()
    return render_template(
        "dashboards/moved.html",
        found=found,
        closings=queries.closed_periods(clock.today()),
        effects=rules.effects_sheet(found.moved),
        rows=rules.rows_sheet(found.moved, rules.MOST),
        most=rules.MOST,
    )


@bp.get("/indicators/moved.<any(csv,xlsx):kind>")
@requires(SEE_LIVE)
@few_at_once
def moved_file(kind: str) -> ResponseReturnValue:
    """All the ratings between; the workbook has what each kind of change did on a second sheet."""
    found = _found()
    rows, effects = rules.rows_sheet(found.moved), rules.effects_sheet(found.moved)
    if kind == "csv":
        content, media_type = tables.as_csv(rows.fields, rows.rows()), "text/csv"
    else:
        book = {"rows": (rows.fields, rows.rows()), "effects": (effects.fields, effects.rows())}
        content, media_type = tables.as_xlsx(book), WORKBOOK
    name = f"moved-{found.closing.name}.{kind}"
    return send_file(io.BytesIO(content), media_type, as_attachment=True, download_name=name)


def _found() -> MovedIn:
    actor = current_actor()
    # Reading single ratings leaves a mark, before they are read.
    writer.run(note_reading, actor, f"moved {as_noted(request.query_string.decode())}")
    return queries.moved_in(db.session(), actor, request.args, clock.today())
