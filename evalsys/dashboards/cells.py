"""The lines of a ranking's table, written out: hundreds of them wait for one page.

Macros took twenty times as long. Whatever is put in is either a number or escaped: words once for a table,
names where they are written.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote_plus

from markupsafe import escape

from evalsys.kernel.language import gettext as _
from evalsys.kernel.proportions import Interval, Rate
from evalsys.scoring.rules.ranking import Place, Ranking, Row
from evalsys.scoring.rules.rates import Split

Axis = tuple[float, float]


def percent(rate: float) -> str:
    """A share in per cent, one decimal; not quite all never reads 100.0, not quite nothing never 0.0."""
    text = f"{100 * rate:.1f}"
    if text == "100.0" and rate < 1:
        return "&gt;99.9%"
    if text == "0.0" and rate > 0:
        return "&lt;0.1%"
    return f"{text}%"


def _bar(rate: float, interval: Interval, axis: Axis) -> str:
    """A thin bar from the low to the high end of the interval, a stroke at the rate."""
    begin, scale = axis[0], 100 / (axis[1] - axis[0])
    low, high, at = (interval[0] - begin) * scale, (interval[1] - begin) * scale, (rate - begin) * scale
    low, high = min(max(low, 0), 100), min(max(high, 0), 100)
    wide, point = max(high - low, 1), min(max(at - 1, 0), 98)
    return (
        '<svg class="interval" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="interval-axis" y="5.5" width="100" height="1"/>'
        f'<rect class="interval-span" x="{low:.2f}" y="3" width="{wide:.2f}" height="6"/>'
        f'<rect class="interval-point" x="{point:.2f}" width="2" height="12"/></svg>'
    )


# What the cell under each heading holds, as the stylesheet knows it.
_KINDS = {
    "rank": ' class="figures"',
    "department": "",
    "n": ' class="figures"',
    "split": "",
    "score": ' class="rate"',
    "shrunk": ' class="figures"',
    "change": ' class="figures"',
    "good": ' class="rate"',
    "very": ' class="figures"',
    "bad": ' class="figures"',
}
MISSING = '<span class="missing">—</span>'


@dataclass(frozen=True)
class Lines:
    """Writes the lines of one table.

    `words` are escaped, and so are those of the channels and levels; that of an interval has the places {low}
    and {high}. `name` writes the first cell.
    `least` is the number of ratings from which a rate is printed. The axes are the parts of the scales drawn.
    """

    words: Mapping[str, str]
    channels: Mapping[str, str]
    levels: Sequence[str]
    least: int
    axes: tuple[Axis, Axis]
    name: Callable[[Row], str]
    with_department: bool
    with_places: bool

    def lines(self, rows: Iterable[Row]) -> str:
        """Some rows of the table."""
        return "\n".join(self._line(row) for row in rows)

    def _line(self, row: Row) -> str:
        cells = self._cells
        whose = ""
        if self.with_department:
            whose = f"{cells['department']}{escape(row.named.department_short or '—')}</td>\n"
        return (
            f"<tr>\n{cells['rank']}{self._rank(row)}</td>\n"
            f'<th scope="row">{self.name(row)}</th>\n{whose}{self.figures(row)}</tr>'
        )

    def figures(self, row: Row) -> str:
        """The figures of one row, the same for rows, for those matched to nobody and for the total."""
        cells, by_channel = self._cells, row.tally.channels
        placed = f"{cells['shrunk']}{self._place(row.place)}</td>\n" if self.with_places else ""
        channels = "".join(f"{cells[name]}{self._channel(by_channel[name])}</td>\n" for name in self.channels)
        return (
            f"{cells['n']}{row.n:,}</td>\n{cells['split']}{self._split(row.tally.split)}</td>\n"
            f"{cells['score']}{self._score(row)}</td>\n{placed}{cells['change']}{self._change(row)}</td>\n"
            f"{cells['good']}{self._good(row.good)}</td>\n{cells['very']}{self._share(row.very_satisfied)}</td>\n"
            f"{cells['bad']}{self._share(row.bad)}</td>\n{channels}"
        )

    @cached_property
    def _cells(self) -> Mapping[str, str]:
        """How the cell under each heading begins."""
        labels = {**self.words, **self.channels}
        kinds = {**_KINDS, **dict.fromkeys(self.channels, ' class="rate"')}
        return {name: f'<td{kind} data-label="{labels[name]}">' for name, kind in kinds.items()}

    def _rank(self, row: Row) -> str:
        if row.rank:
            return f"{row.rank}{self._could_be(row)}"
        if row.named.leader_duty:
            return f'<span class="rate-few small">{self.words["duty"]}</span>'
        return MISSING

    def _could_be(self, row: Row) -> str:
        """The ranks a row may well have, and how likely the best and the worst tenth are when pointed at."""
        place = row.place
        if place is None or place.interval is None or place.top is None or place.bottom is None:
            return ""
        best, worst = place.interval
        said = self.words["tenths"]
        for name, chance in (("{top}", place.top), ("{bottom}", place.bottom)):
            said = said.replace(name, percent(chance))
        spoken = f'<span class="visually-hidden">{self.words["ranks"]}</span>'
        return f' <span class="rate-few small" title="{said}">{spoken}{best}–{worst}</span>'

    def _place(self, place: Place | None) -> str:
        """The shrunk score and the band."""
        if place is None:
            return MISSING
        band = self.words["band"].replace("{band}", str(place.band)) if place.band else ""
        return f'{place.shrunk:.1f} <span class="rate-few small">{band}</span>'

    def _split(self, split: Split) -> str:
        """The number of each level as a part of one bar; its label says them."""
        counts = split.levels
        if not any(counts):
            return MISSING
        said, bars, x = [], [], 0
        for level, word, many in zip((5, 4, 3, 2, 1), self.levels, counts, strict=True):
            said.append(f"{word} {many}")
            if many:
                bars.append(f'<rect class="level-{level}" x="{x}" width="{many}" height="10"/>')
                x += many
        return (
            f'<svg class="split" viewBox="0 0 {x} 10" preserveAspectRatio="none" role="img"'
            f' aria-label="{",".join(said)}">{"".join(bars)}</svg>'
        )

    @cached_property
    def _interval(self) -> tuple[str, str, str]:
        """What stands before, between and after the ends of an interval."""
        before, _low, rest = self.words["interval"].partition("{low}")
        between, _high, after = rest.partition("{high}")
        return before, between, after

    def _from_to(self, low: str, high: str) -> str:
        before, between, after = self._interval
        return f"{before}{low}{between}{high}{after}"

    def _score(self, row: Row) -> str:
        score, interval = row.score, row.score_interval
        if score is None or interval is None:
            return MISSING
        if not row.enough_rate:
            return self._too_few()
        low, high = interval
        bar = _bar(score / 100, (low / 100, high / 100), self.axes[0])
        return _with_interval(f"{score:.1f}", bar, self._from_to(f"{low:.1f}", f"{high:.1f}"))

    def _good(self, rate: Rate) -> str:
        share, interval = rate.rate, rate.interval
        if share is None or interval is None:
            return MISSING
        if not rate.enough:
            return self._too_few()
        low, high = map(percent, interval)
        return _with_interval(percent(share), _bar(share, interval, self.axes[1]), self._from_to(low, high))

    def _too_few(self) -> str:
        return f'<span class="rate-few">{self.words["few"]}</span>'

    def _change(self, row: Row) -> str:
        """An arrow only where the interval of the difference excludes nought."""
        change = row.change
        if change is None:
            return f'<span class="missing" title="{self.words["not_compared"]}">—</span>'
        if not change.score_moved:
            return f'<span class="rate-few small">{self.words["no_change"]}</span>'
        arrow, word = ("▲", "up") if change.score > 0 else ("▼", "down")
        return (
            f'<span class="change">{arrow}<span class="visually-hidden">{self.words[word]}</span>'
            f" {abs(change.score):.1f}</span>"
        )

    def _share(self, rate: Rate) -> str:
        """A share without a bar; its interval shows when pointed at."""
        share, interval = rate.rate, rate.interval
        if not rate.enough or share is None or interval is None:
            return MISSING
        low, high = map(percent, interval)
        return f'<span title="{self._from_to(low, high)}">{percent(share)}</span>'

    def _channel(self, split: Split | None) -> str:
        """One channel beside the others: the good rate where there are enough, always the number."""
        if split is None:
            return f'<span class="rate-few small">{self.words["not_released"]}</span>'
        n = split.n
        enough = n and n >= self.least
        value = percent(split.good / n) if enough else "—"
        rate = f'<span class="rate-value{"" if enough else " missing"}">{value}</span>'
        return f'<span>{rate} <span class="rate-n">n={n:,}</span></span>'


def _with_interval(value: str, bar: str, interval: str) -> str:
    return (
        f'<span><span class="rate-value">{value}</span>{bar}\n'
        f'<span class="visually-hidden">{interval}</span></span>'
    )


def words(ranking: Ranking) -> dict[str, str]:
    """The words of a table's cells in the reader's language, escaped."""
    said = {
        "rank": _("名次"),
        "department": _("部门"),
        "n": _("评价数"),
        "split": _("五级分布"),
        "score": _("得分"),
        "shrunk": _("收缩得分"),
        "band": _("第%(band)s档", band="{band}"),
        "ranks": _("名次区间"),
        "tenths": _("在本组前10%%的可能%(top)s,后10%%的可能%(bottom)s", top="{top}", bottom="{bottom}"),
        "change": _("较上期"),
        "good": _("好评率"),
        "very": _("非常满意"),
        "bad": _("差评率"),
        "few": _("样本不足"),
        "duty": _("带班"),
        "up": _("上升"),
        "down": _("下降"),
        "no_change": _("变化不显著"),
        "not_released": _("未公布"),
        "not_compared": _("本期或上期不足%(n)s条,不比较", n=ranking.formulas.min_n_rate),
        "interval": _("95%%区间%(low)s到%(high)s", low="{low}", high="{high}"),
    }
    return {name: str(escape(text)) for name, text in said.items()}


def levels() -> list[str]:
    """The words of the five levels, from very satisfied down, escaped."""
    said = (_("非常满意"), _("满意"), _("基本满意"), _("不满意"), _("非常不满意"))
    return [str(escape(text)) for text in said]


# Stands where a row's own code or number goes, in addresses as in words.
PLACE = "ROW"


def linked(address: str, label: str | None = None) -> Callable[[Row], str]:
    """Writes a row's name as a link to an address with PLACE in it; a label with PLACE says its number."""
    before, _place, after = str(escape(address)).rpartition(PLACE)
    label_before, _place, label_after = str(escape(label or PLACE)).partition(PLACE)

    def write(row: Row) -> str:
        code = escape(quote_plus(row.named.code))
        said = escape(row.named.number if label else row.named.name)
        return f'<a href="{before}{code}{after}">{label_before}{said}{label_after}</a>'

    return write


def plain(row: Row) -> str:
    """Writes a row's name."""
    return str(escape(row.named.name))
