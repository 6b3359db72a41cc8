"""The figure of a sheet: its most telling column for the rows that stand out most, with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalsys.dashboards.figures.drawing import Figure, layout
from evalsys.dashboards.rules.sheets import Cell, Difference, Line, Sheet
from evalsys.kernel.language import gettext as _
from evalsys.kernel.proportions import Interval, Rate
from evalsys.kernel.words import N_

MOST = 15  # rows drawn: more could not be read on a telephone
_WIDEST = 9  # signs of a name beside the axis; the whole name shows when pointed at


@dataclass(frozen=True)
class Drawing:
    """What is drawn of a sheet: a column, the largest first or not, names and title."""

    column: str
    largest: bool
    title: str
    axis: str
    names: str = "name"
    per_cent: bool = True
    parts: Sequence[str] = ()  # the columns of the total, in place of the lines


DRAWINGS: Mapping[str, Drawing] = {
    "tags": Drawing("times", True, N_("选得最多的%(n)s个标签"), N_("选了几次"), "tag", per_cent=False),
    "participation": Drawing("given", False, N_("主动评价率最低的%(n)s个"), N_("主动评价率")),
    "done": Drawing("done", False, N_("一次办成率最低的%(n)s个窗口"), N_("一次办成率")),
    "items": Drawing("done", False, N_("一次办成率最低的%(n)s个事项"), N_("一次办成率")),
    # No list of the worst clerks: what is said of few ratings of a person is chance.
    "own": Drawing(
        "n",
        True,
        N_("差评里,与本人有关的、无关的和没说的"),
        N_("差评"),
        "name",
        False,
        ("own", "beyond", "unsaid"),
    ),
    "compared": Drawing("change", False, N_("好评率降得最多、升得最少的%(n)s个"), N_("好评率变化")),
}


def drawn_lines(name: str, sheet: Sheet) -> Sequence[Line]:
    """The lines that are drawn, the first on top; those with too few ratings for a rate are left out."""
    drawing = DRAWINGS[name]
    if drawing.parts:
        whole = sheet.total.cells if sheet.total else {}
        parts = (column for column in sheet.columns if column.code in drawing.parts)
        return [Line({"name": part.words, "n": whole.get(part.code)}) for part in parts]
    known = [line for line in sheet.lines if _value(line.cells.get(drawing.column)) is not None]
    sign = -1 if drawing.largest else 1

    def place(line: Line) -> tuple[float, str]:
        return sign * (_value(line.cells[drawing.column]) or 0.0), str(line.cells.get("code") or "")

    return sorted(known, key=place)[:MOST]


def sheet_figure(name: str, sheet: Sheet) -> Figure:
    """The rows as points with their 95 % intervals, or as bars where they are plain numbers."""
    drawing, lines = DRAWINGS[name], drawn_lines(name, sheet)
    cells = [line.cells[drawing.column] for line in lines]
    names = [_(str(line.cells.get(drawing.names) or "—")) for line in lines]
    values = [_value(cell) or 0.0 for cell in cells]
    trace: Figure = {
        "x": [round(value, 5) for value in values],
        "y": list(range(len(lines))),
        "text": [f"{each} {_said(cell)}" for each, cell in zip(names, cells, strict=True)],
        "hoverinfo": "text",
        "marker": {"color": "--accent", "size": 8},
        "showlegend": False,
    }
    if drawing.per_cent:
        trace |= {"type": "scatter", "mode": "markers", "error_x": _ends(values, cells)}
    else:
        trace |= {"type": "bar", "orientation": "h", "textposition": "none"}
    return {
        "data": [trace] if lines else [],
        "layout": layout(
            margin={"l": 16, "r": 16, "t": 16, "b": 48},
            xaxis={
                "title": {"text": _(drawing.axis)},
                "tickformat": ".1%" if drawing.per_cent else "d",
                "gridcolor": "--hairline",
                "zerolinecolor": "--ink-2",
                "automargin": True,
            },
            yaxis={
                "tickmode": "array",
                "tickvals": list(range(len(lines))),
                "ticktext": [_short(each) for each in names],
                "range": [len(lines) - 0.4, -0.6],
                "automargin": True,
                "showgrid": False,
                "zeroline": False,
            },
            hovermode="closest",
        ),
    }


def _value(cell: Cell) -> float | None:
    if isinstance(cell, Rate):
        return cell.rate if cell.enough else None
    if isinstance(cell, Difference):
        return cell.value
    return float(cell) if isinstance(cell, int | float) else None


def _interval(cell: Cell) -> Interval:
    found = cell.interval if isinstance(cell, Rate | Difference) else None
    return found or (0.0, 0.0)


def _ends(values: Sequence[float], cells: Sequence[Cell]) -> Figure:
    """The intervals as thin lines, in shares."""
    ends = [(value, *_interval(cell)) for value, cell in zip(values, cells, strict=True)]
    return {
        "type": "data",
        "symmetric": False,
        "array": [round(high - value, 5) for value, _low, high in ends],
        "arrayminus": [round(value - low, 5) for value, low, _high in ends],
        "color": "--accent",
        "thickness": 1,
        "width": 0,
    }


def _said(cell: Cell) -> str:
    if isinstance(cell, Rate):
        return f"{100 * (cell.rate or 0.0):.1f}% ({cell.numerator}/{cell.denominator})"
    if isinstance(cell, Difference):
        return f"{100 * cell.value:+.1f}%"
    return str(cell)


def _short(name: str) -> str:
    return name if len(name) <= _WIDEST else name[: _WIDEST - 1] + "…"
