"""The funnel plots of a bulletin as SVG, from its frozen content: one for each comparison group."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from evalsys.dashboards.rules.bulletins import Content
from evalsys.dashboards.rules.sentences import percent

WIDE, HIGH = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 20, 40
FEWEST = 10  # windows of a group for which a picture is drawn
FACE = "Noto Sans CJK SC"


@dataclass(frozen=True)
class Colours:
    """The colours of words, limits, windows inside and windows outside."""

    ink: str
    quiet: str
    inside: str
    outside: str


PAPER = Colours("#14181f", "#6a7482", "#0a3d7a", "#9c3306")
# On a page everything takes the colour of its letters, light or dark; what lies outside is told by its shape.
SCREEN = Colours(*["currentColor"] * 4)


@dataclass(frozen=True)
class Drawn:
    """One funnel plot, and in words what it shows."""

    svg: str
    alt: str


def funnel_plots(content: Content, colours: Colours) -> Sequence[Drawn]:
    """The plots of the groups with ten windows and more."""
    points = sorted(
        content["funnel"]["points"], key=lambda point: (point["group"], point["n"], point["code"])
    )
    means = {group["group"]: group["mean"] for group in content["funnel"]["groups"]}
    groups = [(group, list(own)) for group, own in groupby(points, key=lambda point: str(point["group"]))]
    return [_plot(colours, means[group], group, own) for group, own in groups if len(own) >= FEWEST]


def _plot(colours: Colours, mean: float, group: str, points: Sequence[Content]) -> Drawn:
    """x is the number of ratings, y the good rate; grey lines are the limits, the dashed one the mean."""
    most = max(point["n"] for point in points) * 1.05
    lowest = min(min(point["limits998"][0], point["good"] / point["n"]) for point in points)
    lowest = max(0.0, lowest - 0.02)

    def at(n: float, rate: float) -> str:
        x = LEFT + n / most * (WIDE - LEFT - RIGHT)
        y = TOP + (1 - rate) / (1 - lowest) * (HIGH - TOP - BOTTOM)
        return f"{x:.1f},{y:.1f}"

    lines = "".join(
        _line([at(point["n"], point[name][end]) for point in points], dashes, colours)
        for name, dashes in (("limits95", "4 3"), ("limits998", ""))
        for end in (0, 1)
    )
    dots = "".join(
        _dot(at(point["n"], point["good"] / point["n"]), point["side"], colours) for point in points
    )
    outside = sum(point["side"] in ("far-above", "far-below") for point in points)
    alt = f"漏斗图:{group or '全部'}{len(points)}个窗口,均值{percent(mean)},99.8%界限以外{outside}个"
    frame = _words(lowest, most, colours) + _line([at(0, mean), at(most, mean)], "1 4", colours)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}">{frame}{lines}{dots}</svg>'
    return Drawn(svg, alt)


def _line(places: Sequence[str], dashes: str, colours: Colours) -> str:
    style = f'fill="none" stroke="{colours.quiet}" stroke-width="1.2"' + (
        f' stroke-dasharray="{dashes}"' if dashes else ""
    )
    return f'<polyline points="{" ".join(places)}" {style}/>'


def _dot(place: str, side: str, colours: Colours) -> str:
    x, _comma, y = place.partition(",")
    if side in ("far-above", "far-below"):
        corner = f'x="{float(x) - 4:.1f}" y="{float(y) - 4:.1f}"'
        return f'<rect {corner} width="8" height="8" fill="{colours.outside}"/>'
    return f'<circle cx="{x}" cy="{y}" r="2.6" fill="{colours.inside}"/>'


def _words(lowest: float, most: float, colours: Colours) -> str:
    bottom, right = HIGH - BOTTOM, WIDE - RIGHT
    text = f'font-family="{FACE}" font-size="13" fill="{colours.ink}"'
    axes = f"{LEFT},{TOP} {LEFT},{bottom} {right},{bottom}"
    return (
        f'<polyline points="{axes}" fill="none" stroke="{colours.quiet}"/>'
        f'<text x="{LEFT - 6}" y="{TOP + 5}" text-anchor="end" {text}>100%</text>'
        f'<text x="{LEFT - 6}" y="{bottom}" text-anchor="end" {text}>{percent(lowest)}</text>'
        f'<text x="{LEFT}" y="{bottom + 18}" text-anchor="middle" {text}>0</text>'
        f'<text x="{right}" y="{bottom + 18}" text-anchor="end" {text}>{most:.0f}条</text>'
    )
