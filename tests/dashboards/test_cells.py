"""The written lines of a ranking say what the sums say, and nothing a name could smuggle in."""

from dataclasses import replace

import pytest

from evalsys.dashboards import cells
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.ranking import CHANNELS, Named, Place, Row, Tally
from evalsys.scoring.rules.rates import Split
from evalsys.scoring.rules.served import UNKNOWN

WORDS = (
    *("rank", "department", "n", "split", "score", "change", "good", "very", "bad", "few", "duty"),
    *("up", "down", "no_change", "not_released", "not_compared", "shrunk", "ranks"),
)
LINES = cells.Lines(
    words={name: name.upper() for name in WORDS}
    | {"interval": "{low} TO {high}", "band": "BAND {band}", "tenths": "TOP {top} BOTTOM {bottom}"},
    channels={channel: channel for channel in CHANNELS},
    levels=["FIVE", "FOUR", "THREE", "TWO", "ONE"],
    least=30,
    axes=((0.0, 1.0), (0.0, 1.0)),
    name=cells.linked("/rankings/staff?window=ROW", "No. ROW"),
    with_department=True,
    with_places=True,
)
FORMULAS = Formulas((100, 80, 60, 30, 0), 30, 100)


def row(*levels: int, before: Split | None = None, code: str = "C-24", number: str = "24") -> Row:
    split = Split(*levels)
    tally = Tally(split, dict.fromkeys(CHANNELS, Split()) | {CHANNELS[0]: split})
    named = Named(code, "<b>24</b>", "税务局", department_short="<i>税</i>", number=number)
    return Row(named, tally, FORMULAS, before, UNKNOWN)


def test_names_are_escaped_wherever_they_stand() -> None:
    line = LINES.lines([row(5, code='C-"><x', number="<u>")])
    assert "<i>" not in line
    assert "&lt;i&gt;税&lt;/i&gt;" in line
    assert 'href="/rankings/staff?window=C-%22%3E%3Cx">No. &lt;u&gt;</a>' in line
    assert "<b>" not in cells.plain(row(5))


@pytest.mark.parametrize(
    ("rate", "said"),
    [(1.0, "100.0%"), (0.9999, "&gt;99.9%"), (0.0, "0.0%"), (0.0001, "&lt;0.1%"), (0.951, "95.1%")],
)
def test_what_is_not_quite_all_or_nothing_never_reads_so(rate: float, said: str) -> None:
    assert cells.percent(rate) == said


def test_too_few_ratings_make_no_rate_and_none_make_a_dash() -> None:
    few, none = LINES.figures(row(29)), LINES.figures(row())
    assert few.count("FEW") == 2
    assert none.count("—") >= 6
    assert "FEW" not in none


def test_a_row_without_a_rank_says_why() -> None:
    led = row(200)
    assert ">7</td>" in LINES.lines([led.placed(7)])
    assert ">DUTY</span>" in LINES.lines([replace(led, named=replace(led.named, leader_duty=True))])


def test_an_arrow_stands_only_for_more_than_chance() -> None:
    assert "▼" in LINES.figures(row(200, 0, 0, 0, 100, before=Split(300)))
    assert "▲" in LINES.figures(row(300, before=Split(200, 0, 0, 0, 100)))
    assert "NO_CHANGE" in LINES.figures(row(300, before=Split(299, 1)))
    assert 'title="NOT_COMPARED"' in LINES.figures(row(300, before=Split(3)))


def test_the_bar_of_levels_says_its_numbers_and_fills_its_width() -> None:
    figures = LINES.figures(row(50, 30, 0, 15, 5))
    assert 'aria-label="FIVE 50,FOUR 30,THREE 0,TWO 15,ONE 5"' in figures
    assert 'class="level-1" x="95" width="5"' in figures
    assert 'viewBox="0 0 100 10"' in figures
    assert "level-3" not in figures


def test_what_is_not_released_is_said_so() -> None:
    hidden = replace(row(50), tally=Tally(Split(50), dict.fromkeys(CHANNELS)))
    assert LINES.figures(hidden).count("NOT_RELEASED") == len(CHANNELS)


def test_a_rank_stands_with_the_ranks_it_could_be_and_its_band() -> None:
    line = LINES.lines([row(200).placed(7, Place(98.76, (3, 41), 2, 0.25, 0.0001))])
    assert '>7 <span class="rate-few small" title="TOP 25.0% BOTTOM &lt;0.1%">' in line
    assert "3–41</span></td>" in line
    assert '98.8 <span class="rate-few small">BAND 2</span>' in line


def test_a_row_that_is_not_ranked_has_its_shrunk_score_alone() -> None:
    line = LINES.lines([row(50).placed(None, Place(97.0))])
    assert "97.0" in line
    assert "BAND" not in line
    assert "TOP" not in line
    without = replace(LINES, with_places=False)
    assert "97.0" not in without.lines([row(50).placed(None, Place(97.0))])
