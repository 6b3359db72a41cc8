"""The funnel: rates over their numbers of ratings, between the limits of chance."""

from collections.abc import Sequence

from evalsys.dashboards.figures.drawing import Figure, layout, name
from evalsys.dashboards.rules.statistics import MEASURE_WORDS, SIDE_WORDS
from evalsys.kernel.language import gettext as _
from evalsys.scoring.rules.funnel import ABOVE, ALARM, BELOW, FAR_ABOVE, FAR_BELOW, INSIDE, WARNING, Funnel
from evalsys.scoring.rules.funnels import FunnelRow, Funnels

_COLOURS = {
    FAR_ABOVE: "--level-1",
    ABOVE: "--level-2",
    INSIDE: "--accent",
    BELOW: "--level-4",
    FAR_BELOW: "--level-5",
}
_STEPS = 60  # places at which the limits are drawn


def funnel(funnels: Funnels, group: str) -> Figure:
    """The rates of one comparison group over their numbers of ratings, between the limits of chance."""
    rows = [row for row in funnels.rows if row.named.group == group]
    found = funnels.groups.get(group)
    if found is None or not rows:
        return {"data": [], "layout": layout()}
    first, last = (pick(row.rate.denominator for row in rows) for pick in (min, max))
    across = [
        round(first * 0.9 * (last * 1.1 / (first * 0.9)) ** (step / _STEPS)) for step in range(_STEPS + 1)
    ]
    return {
        "data": [*_limit_lines(found, across), *_dots(rows)],
        "layout": layout(
            xaxis={
                "title": {"text": _("评价数(对数刻度)")},
                "type": "log",
                "automargin": True,
                "tickvals": [figure * 10**power for power in range(7) for figure in (1, 2, 3, 5)],
                "gridcolor": "--hairline",
            },
            yaxis={
                "title": {"text": _(MEASURE_WORDS[funnels.measure])},
                "tickformat": ".1%",
                "gridcolor": "--hairline",
            },
            hovermode="closest",
        ),
    }


def _limit_lines(found: Funnel, across: Sequence[int]) -> list[Figure]:
    lines = [_limit(_("本组平均"), across, [found.mean] * len(across), "dot")]
    for word, outside, dash in ((_("95%限"), WARNING, "dash"), (_("99.8%限"), ALARM, "solid")):
        both = [found.limits(n, outside) for n in across]
        lines += [_limit(word, across, [low for low, _high in both], dash)]
        lines += [_limit(word, across, [high for _low, high in both], dash) | {"showlegend": False}]
    return lines


def _limit(word: str, across: Sequence[int], at: Sequence[float], dash: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": word,
        "x": list(across),
        "y": [round(share, 5) for share in at],
        "line": {"color": "--ink-2", "width": 1, "dash": dash},
        "hoverinfo": "skip",
    }


def _dots(rows: Sequence[FunnelRow]) -> list[Figure]:
    dots = []
    for side, colour in _COLOURS.items():
        there = [row for row in rows if row.side == side]
        if there:
            dots.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": _(SIDE_WORDS[side]),
                    "x": [row.rate.denominator for row in there],
                    "y": [round(row.rate.rate or 0.0, 5) for row in there],
                    "marker": {"color": colour, "size": 7 if side == INSIDE else 10},
                    "text": [f"{name(row)} {row.rate.numerator}/{row.rate.denominator}" for row in there],
                    "hoverinfo": "text",
                }
            )
    return dots
