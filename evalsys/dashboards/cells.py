"""The lines of a ranking's table, written out: hundreds of them wait for one page.

Macros took twenty times as long. Whatever is put in is either a number or escaped: words once for a table,
names where they are written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus

from markupsafe import escape

from evalsys.kernel.language import gettext as _
from evalsys.kernel.proportions import Rate
from evalsys.scoring.rules.ranking import Ranking, Row
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


def _place(share: float, axis: Axis) -> float:
    return min(max((share - axis[0]) * 100 / (axis[1] - axis[0]), 0), 100)


def _bar(rate: float, interval: tuple[float, float], axis: Axis) -> str:
    """A thin bar from the low to the high end of the interval, a stroke at the rate."""
    low, high, at = (_place(share, axis) for share in (*interval, rate))
    wide, point = max(high - low, 1), min(max(at - 1, 0), 98)
    return (
        '<svg class="interval" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true"'
        ' focusable="false">\n<rect class="interval-axis" x="0" y="5.5" width="100" height="1"/>\n'
        f'<rect class="interval-span" x="{low:.2f}" y="3" width="{wide:.2f}" height="6"/>\n'
        f'<rect class="interval-point" x="{point:.2f}" y="0" width="2" height="12"/>\n</svg>'
    )


MISSING = '<span class="missing">—</span>'


@dataclass(frozen=True)
class Lines:
    """Writes the lines of one table.

    `words` are escaped; that of an interval has the places {low} and {high}. `name` writes the first cell.
    `least` is the number of ratings from which a rate is printed. The axes are the parts of the scales drawn.
    """

    words: Mapping[str, str]
    channels: Sequence[tuple[str, str]]
    levels: Sequence[str]
    least: int
    axes: tuple[Axis, Axis]
    name: Callable[[Row], str]
    with_department: bool
    with_places: bool

    def line(self, row: Row) -> str:
        """One row of the table."""
        department = escape(row.named.department_short or "—")
        whose = f"{self._td('department')}{department}</td>\n" if self.with_department else ""
        return (
            f"<tr>\n{self._td('rank', 'figures')}{self._rank(row)}</td>\n"
            f'<th scope="row">{self.name(row)}</th>\n{whose}{self.figures(row)}</tr>'
        )

    def figures(self, row: Row) -> str:
        """The figures of one row, the same for rows, for those matched to nobody and for the total."""
        return "\n".join(
            (
                f"{self._td('n', 'figures')}{row.n:,}</td>",
                f"{self._td('split')}{self._split(row.tally.split)}</td>",
                f"{self._td('score', 'rate')}{self._score(row)}</td>",
                *self._place(row),
                f"{self._td('change', 'figures')}{self._change(row)}</td>",
                f"{self._td('good', 'rate')}{self._good(row.good)}</td>",
                f"{self._td('very', 'figures')}{self._share(row.very_satisfied)}</td>",
                f"{self._td('bad', 'figures')}{self._share(row.bad)}</td>",
                *(
                    f'<td class="rate" data-label="{word}">{self._channel(row.tally.channels[channel])}</td>'
                    for channel, word in self.channels
                ),
                "",
            )
        )

    def _td(self, word: str, kind: str = "") -> str:
        label = self.words[word]
        return f'<td class="{kind}" data-label="{label}">' if kind else f'<td data-label="{label}">'

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

    def _place(self, row: Row) -> tuple[str, ...]:
        """The shrunk score and the band, where ranks go by them."""
        if not self.with_places:
            return ()
        cell = self._td("shrunk", "figures")
        if row.place is None:
            return (f"{cell}{MISSING}</td>",)
        band = self.words["band"].replace("{band}", str(row.place.band)) if row.place.band else ""
        return (f'{cell}{row.place.shrunk:.1f} <span class="rate-few small">{band}</span></td>',)

    def _split(self, split: Split) -> str:
        """The share of each level as one bar; its label says the numbers."""
        n, x = split.n, 0.0
        if not n:
            return MISSING
        said = ",".join(f"{word} {many}" for word, many in zip(self.levels, split.levels, strict=True))
        bars = []
        for level, many in zip((5, 4, 3, 2, 1), split.levels, strict=True):
            if many:
                bars.append(
                    f'<rect class="level-{level}" x="{x:.3f}" vector-effect="non-scaling-stroke" y="0"'
                    f' width="{100 * many / n:.3f}" height="10"/>'
                )
            x += 100 * many / n
        return (
            '<svg class="split" viewBox="0 0 100 10" preserveAspectRatio="none" role="img"'
            f' aria-label="{said}">{"".join(bars)}</svg>'
        )

    def _interval(self, low: str, high: str) -> str:
        return self.words["interval"].replace("{low}", low).replace("{high}", high)

    def _score(self, row: Row) -> str:
        if row.score is None or row.score_interval is None:
            return MISSING
        if not row.enough_rate:
            return self._too_few()
        low, high = row.score_interval
        bar = _bar(row.score / 100, (low / 100, high / 100), self.axes[0])
        return _with_interval(f"{row.score:.1f}", bar, self._interval(f"{low:.1f}", f"{high:.1f}"))

    def _good(self, rate: Rate) -> str:
        if rate.rate is None or rate.interval is None:
            return MISSING
        if not rate.enough:
            return self._too_few()
        low, high = map(percent, rate.interval)
        bar = _bar(rate.rate, rate.interval, self.axes[1])
        return _with_interval(percent(rate.rate), bar, self._interval(low, high))

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
        if not rate.enough or rate.rate is None or rate.interval is None:
            return MISSING
        low, high = map(percent, rate.interval)
        return f'<span title="{self._interval(low, high)}">{percent(rate.rate)}</span>'

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
