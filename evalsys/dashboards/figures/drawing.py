"""What all figures share: names, intervals, axes and the ground they stand on."""

from collections.abc import Sequence
from typing import Any

from evalsys.kernel.language import gettext as _
from evalsys.kernel.proportions import Interval
from evalsys.scoring.rules.funnels import FunnelRow
from evalsys.scoring.rules.gaps import GapRow
from evalsys.scoring.rules.ranking import Row

Figure = dict[str, Any]

FEW = 24  # up to so many rows each stands under its own name


def error(scored: Sequence[tuple[float, Interval]], colour: str) -> Figure:
    """The intervals of points as thin lines."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [round(high - score, 2) for score, (_low, high) in scored],
        "arrayminus": [round(score - low, 2) for score, (low, _high) in scored],
        "color": colour,
        "thickness": 1,
        "width": 0,
    }


def name(row: Row | FunnelRow | GapRow) -> str:
    """What a point is called."""
    number = row.named.number
    return _("%(number)s号窗口", number=number) if number else row.named.name


def names_axis(rows: Sequence[Row] | Sequence[GapRow]) -> Figure:
    """The axis with the rows' names where they are few enough to be read."""
    axis = {"showgrid": False, "zeroline": False, "range": [-0.7, len(rows) - 0.3]}
    if len(rows) > FEW:
        return axis | {"showticklabels": False, "ticks": ""}
    return axis | {
        "tickmode": "array",
        "tickvals": list(range(len(rows))),
        "ticktext": [name(row) for row in rows],
        "automargin": True,
    }


def layout(**more: Any) -> Figure:
    """The ground and the colours of every figure."""
    return {
        "margin": {"l": 56, "r": 16, "t": 56, "b": 32},
        "paper_bgcolor": "--paper",
        "plot_bgcolor": "--paper",
        "font": {"color": "--ink", "size": 13},
        "legend": {"orientation": "h", "y": 1.08, "yanchor": "bottom", "x": 0},
        "hoverlabel": {"bgcolor": "--wash", "font": {"color": "--ink"}, "bordercolor": "--edge"},
        **more,
    }
