"""Bad ratings by clerk, and whether they concern the clerk: as the case found, else as the rater said."""

from typing import Any

from sqlalchemy import Case, Select, and_, case, exists, func, select

from evalsys.evaluation.models import Finding, RatingTag, Tag
from evalsys.evaluation.queries.counted import counted_ratings
from evalsys.evaluation.rules import BAD_LEVELS, CAUSES_BEYOND_THE_CLERK, DICTIONARY
from evalsys.kernel.periods import Period


def whose(cause: Any, rating_id: Any, reasons_seq: Any) -> Case[str]:
    """Whether a bad rating is the clerk's own, lies beyond the clerk, or leaves that unsaid."""
    chosen = and_(RatingTag.rating_id == rating_id, RatingTag.seq == reasons_seq)
    of_staff = exists().where(
        chosen, Tag.code == RatingTag.tag, Tag.version == DICTIONARY, Tag.attribution == "staff"
    )
    return case(
        (cause == "person", "own"),
        (cause.in_(CAUSES_BEYOND_THE_CLERK), "beyond"),
        (of_staff, "own"),
        (exists().where(chosen), "beyond"),
        else_="unsaid",
    )


def bad_by_clerk(period: Period) -> Select[Any]:
    """One row for each clerk, unit and window: staff_id, unit_id, window_id, own, beyond, unsaid.

    A closed case's finding decides. Without one the rater's tags do: one about staff makes a rating the
    clerk's own, tags about other things only lay it elsewhere, and without any it stays unsaid.
    """
    rows = counted_ratings()
    columns = rows.selected_columns
    rated = rows.add_columns(Finding.cause).where(
        columns["level"].in_(sorted(BAD_LEVELS)), columns["day"].between(period.first, period.last)
    )
    rating = rated.subquery()
    said = whose(rating.c.cause, rating.c.current, rating.c.reasons_seq).label("said")
    keys = (rating.c.staff_id, rating.c.unit_id, rating.c.window_id)
    each = select(*keys, said).where(rating.c.standing == "counted").subquery()
    counts = [
        func.sum(case((each.c.said == word, 1), else_=0)).label(word) for word in ("own", "beyond", "unsaid")
    ]
    by = (each.c.staff_id, each.c.unit_id, each.c.window_id)
    return select(*by, *counts).group_by(*by)
