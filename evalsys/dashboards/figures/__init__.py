"""Figures as plotly's plain JSON, without the library; a colour "--name" is a token the page fills in."""

from collections.abc import Sequence
from itertools import groupby

from evalsys.dashboards.figures.drawing import Figure, error, layout, name, names_axis
from evalsys.dashboards.rules import compared, group_scores
from evalsys.kernel.language import gettext as _
from evalsys.kernel.periods import Closing
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.ranking import Ranking, Row
from evalsys.scoring.rules.rates import Split, score_interval, score_of


def scores(ranking: Ranking) -> Figure:
    """Every row's score with its 95 % interval, in order inside its group, and the group's score."""
    rows = sorted(
        compared(ranking.rows), key=lambda row: (row.named.group, -(row.score or 0), row.named.code)
    )
    traces = [
        _points([row for row in rows if row.ranked], rows, _("参加排名"), "--accent"),
        _points([row for row in rows if not row.ranked], rows, _("不排名"), "--edge"),
    ]
    return {
        "data": [trace for trace in traces if trace["y"]] + _group_lines(rows, group_scores(ranking)),
        "layout": layout(
            xaxis=names_axis(rows),
            yaxis={"title": {"text": _("得分(0—100)")}, "range": _reach(rows), "gridcolor": "--hairline"},
            hovermode="closest",
            annotations=_group_names(rows),
        ),
    }


def _points(rows: Sequence[Row], everybody: Sequence[Row], word: str, colour: str) -> Figure:
    places = {id(row): place for place, row in enumerate(everybody)}
    scored = [(row, row.score or 0.0, row.score_interval or (0.0, 0.0)) for row in rows]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": word,
        "x": [places[id(row)] for row in rows],
        "y": [round(score, 2) for _row, score, _interval in scored],
        "error_y": error([(score, interval) for _row, score, interval in scored], colour),
        "marker": {"color": colour, "size": 6},
        "text": [_hover(row) for row in rows],
        "hoverinfo": "text",
    }


def _hover(row: Row) -> str:
    low, high = row.score_interval or (0.0, 0.0)
    return _(
        "%(name)s %(department)s<br>得分 %(score).1f(%(low).1f—%(high).1f)<br>n=%(n)s",
        name=name(row),
        department=row.named.department_short,
        score=row.score,
        low=low,
        high=high,
        n=row.n,
    )


def _group_lines(rows: Sequence[Row], means: dict[str, float]) -> list[Figure]:
    lines, start = [], 0
    for group, members in groupby(rows, key=lambda row: row.named.group):
        end = start + len(list(members))
        lines.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": _("本组得分"),
                "x": [start - 0.5, end - 0.5],
                "y": [round(means[group], 2)] * 2,
                "line": {"color": "--ink", "width": 1, "dash": "dot"},
                "hoverinfo": "skip",
                "showlegend": start == 0,
            }
        )
        start = end
    return lines


def _group_names(rows: Sequence[Row]) -> list[Figure]:
    """The name of each comparison group above its rows, where there are several."""
    names: list[Figure] = []
    start = 0
    for group, members in groupby(rows, key=lambda row: row.named.group):
        names.append(
            {
                "text": group,
                "x": start - 0.5,
                "y": 1.02,
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"color": "--ink-2"},
            }
        )
        start += len(list(members))
    return names if len(names) > 1 else []


def _reach(rows: Sequence[Row]) -> list[float]:
    lows = [row.score_interval[0] for row in rows if row.score_interval]
    return [max(0.0, min(lows, default=90.0) - 2), 100.6]


def trend(weeks: Sequence[tuple[Closing, Split]], formulas: Formulas) -> Figure:
    """The score of released weeks with its 95 % interval."""
    shown = [(closing, split) for closing, split in weeks if split.n >= max(formulas.min_n_rate, 1)]
    days = [closing.period.last.isoformat() for closing, _split in shown]
    return {
        "data": [*_band(days, [split for _closing, split in shown], formulas), _line(days, shown, formulas)],
        "layout": layout(
            xaxis={"type": "date", "tickformat": "%m-%d", "showgrid": False},
            yaxis={"title": {"text": _("得分(0—100)")}, "gridcolor": "--hairline"},
            hovermode="x",
        ),
    }


def _band(days: list[str], splits: Sequence[Split], formulas: Formulas) -> list[Figure]:
    """The interval as two unseen lines with the space between them filled."""
    intervals = [score_interval(split, formulas.points) or (0.0, 0.0) for split in splits]
    edge = {"type": "scatter", "mode": "lines", "x": days, "line": {"width": 0}, "hoverinfo": "skip"}
    return [
        {**edge, "y": [round(low, 2) for low, _high in intervals], "showlegend": False},
        {
            **edge,
            "y": [round(high, 2) for _low, high in intervals],
            "name": _("95%区间"),
            "fill": "tonexty",
            "fillcolor": "--accent-wash",
        },
    ]


def _line(days: list[str], shown: Sequence[tuple[Closing, Split]], formulas: Formulas) -> Figure:
    scored = [(closing, split, score_of(split, formulas.points) or 0.0) for closing, split in shown]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": _("得分"),
        "x": days,
        "y": [round(score, 2) for _closing, _split, score in scored],
        "line": {"color": "--accent", "width": 2},
        "marker": {"color": "--accent", "size": 6},
        "text": [
            _("第%(week)s周 得分 %(score).1f n=%(n)s", week=closing.number, score=score, n=split.n)
            for closing, split, score in scored
        ],
        "hoverinfo": "text",
    }
