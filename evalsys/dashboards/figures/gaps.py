"""The channel gaps: the tablet's score less that given away from it, with intervals."""

from collections.abc import Sequence

from evalsys.dashboards.figures.drawing import Figure, error, layout, name, names_axis
from evalsys.kernel.language import gettext as _
from evalsys.scoring.rules.gaps import GapRow, Gaps


def gaps(found: Gaps) -> Figure:
    """Every row's gap of scores with its interval, the widest first; nought is no difference."""
    rows = [row for row in found.rows if row.gap.enough and row.gap.score_interval]
    rows.sort(key=lambda row: (-(row.gap.score or 0.0), row.named.code))
    sides = (
        (1, _("柜台高于离柜"), "--level-1"),
        (0, _("看不出差别"), "--accent"),
        (-1, _("柜台低于离柜"), "--level-5"),
    )
    return {
        "data": [_gap_dots(rows, *side) for side in sides if any(row.gap.proven == side[0] for row in rows)],
        "layout": layout(
            xaxis=names_axis(rows),
            yaxis={
                "title": {"text": _("得分差(平板减离柜)")},
                "gridcolor": "--hairline",
                "zerolinecolor": "--ink",
            },
            hovermode="closest",
        ),
    }


def _gap_dots(rows: Sequence[GapRow], proven: int, word: str, colour: str) -> Figure:
    there = [
        (at, row, row.gap.score or 0.0, row.gap.score_interval or (0.0, 0.0))
        for at, row in enumerate(rows)
        if row.gap.proven == proven
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": word,
        "x": [at for at, *_row in there],
        "y": [round(score, 2) for _at, _row, score, _ends in there],
        "error_y": error([(score, ends) for _at, _row, score, ends in there], colour),
        "marker": {"color": colour, "size": 6},
        "text": [
            f"{name(row)} {score:+.1f} [{ends[0]:+.1f}, {ends[1]:+.1f}]" for _at, row, score, ends in there
        ],
        "hoverinfo": "text",
    }
