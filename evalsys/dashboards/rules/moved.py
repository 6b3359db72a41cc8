"""数字为什么变了, as sheets: the sums then and now, and every rating between."""

from evalsys.dashboards.rules.sheets import WORDS, Cell, Column, Line, Sheet
from evalsys.evaluation.rules import CHANNEL_WORDS, LEVEL_BY_VALUE, STANDING_WORDS
from evalsys.evaluation.rules.befallen import BEFALLEN_WORDS, State
from evalsys.kernel.words import N_
from evalsys.scoring.rules.moved import Moved, MovedRow

MOST = 200  # rows on the page; the files hold all

EFFECTS = (
    Column("kind", N_("发生了什么"), WORDS),
    Column("ratings", N_("评价数")),
    Column("more", N_("计入评价增减")),
    Column("more_bad", N_("差评增减")),
)
HALF_DAYS = {"am": N_("上午"), "pm": N_("下午")}
ROWS = (
    Column("day", N_("日期"), WORDS),
    Column("half_day", N_("上下午"), WORDS),
    Column("window", N_("窗口"), WORDS),
    Column("department", N_("部门"), WORDS),
    Column("channel", N_("渠道"), WORDS),
    Column("kind", N_("发生了什么"), WORDS),
    Column("level_then", N_("原来的等级"), WORDS),
    Column("level_now", N_("现在的等级"), WORDS),
    Column("standing_then", N_("原来是否计入"), WORDS),
    Column("standing_now", N_("现在是否计入"), WORDS),
    Column("staff_then", N_("原来对应的人"), WORDS),
    Column("staff_now", N_("现在对应的人"), WORDS),
    Column("more", N_("计入评价增减")),
    Column("more_bad", N_("差评增减")),
    Column("why", N_("理由"), WORDS),
)


def effects_sheet(moved: Moved) -> Sheet:
    """By how much each kind of change moved the sums; they add up to the difference between then and now."""
    total: dict[str, Cell] = {
        "kind": N_("合计"),
        "ratings": len(moved.rows),
        "more": moved.n - moved.n_then,
        "more_bad": moved.bad - moved.bad_then,
    }
    lines = [
        Line(
            {
                "kind": BEFALLEN_WORDS[effect.kind],
                "ratings": effect.ratings,
                "more": effect.more,
                "more_bad": effect.more_bad,
            }
        )
        for effect in moved.effects
    ]
    return Sheet("moved", EFFECTS, lines, Line(total))


def rows_sheet(moved: Moved, most: int | None = None) -> Sheet:
    """Every rating that moved the sums, or the first of them."""
    return Sheet("moved", ROWS, [Line(_cells(row)) for row in moved.rows[:most]])


def _cells(row: MovedRow) -> dict[str, Cell]:
    return {
        "day": row.day.isoformat(),
        "half_day": HALF_DAYS[row.half_day],
        "window": row.window,
        "department": row.department,
        "channel": CHANNEL_WORDS[row.channel],
        "kind": BEFALLEN_WORDS[row.kinds[0]],
        **_state("then", row.then, row.staff_then),
        **_state("now", row.now, row.staff_now),
        "more": row.more,
        "more_bad": row.more_bad,
        "why": row.why,
    }


def _state(when: str, state: State | None, staff: str) -> dict[str, Cell]:
    if state is None:
        return {}
    return {
        f"level_{when}": LEVEL_BY_VALUE[state.level].words,
        f"standing_{when}": STANDING_WORDS[state.standing],
        f"staff_{when}": staff,
    }
