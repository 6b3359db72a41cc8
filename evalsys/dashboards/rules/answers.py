"""What people answered, as sheets: whether it got done, which tags they chose, and whose a bad review is."""

from collections.abc import Sequence

from evalsys.dashboards.rules.besides import named_columns
from evalsys.dashboards.rules.sheets import RATE, WORDS, Cell, Column, Line, Sheet
from evalsys.kernel.proportions import rate_of
from evalsys.kernel.words import N_
from evalsys.scoring.rules.answers import Blamed, ChosenTag, Done
from evalsys.scoring.rules.ranking import STAFF, WINDOWS

ITEMS = "items"
DONE = (
    Column("yes", N_("办成了")),
    Column("no", N_("还没办成")),
    Column("done", N_("一次办成率"), RATE, "done"),
    Column("asking", N_("只是来咨询")),
    Column("n", N_("计入评价"), indicator="counted"),
)
BLAMED = (
    Column("n", N_("计入评价"), indicator="counted"),
    Column("bad", N_("差评"), indicator="bad"),
    Column("own", N_("与本人有关")),
    Column("beyond", N_("与本人无关")),
    Column("unsaid", N_("未说明")),
    Column("own_bad", N_("与本人有关的差评率"), RATE, "own-bad"),
)
ABOUT_WORDS = {
    "staff": N_("人员服务"),
    "process": N_("流程"),
    "guide": N_("办事指南"),
    "requirement": N_("材料和条件"),
    "platform": N_("平台和设备"),
}
TAGS = (
    Column("about", N_("说的是什么"), WORDS),
    Column("level", N_("等级"), WORDS),
    Column("code", N_("代码"), WORDS),
    Column("tag", N_("标签"), WORDS),
    Column("tag_en", N_("标签"), WORDS),
    Column("times", N_("选了几次")),
    Column("items", N_("多见于哪些事项"), WORDS, "tag-rate"),
)
LEVEL_WORDS = {5: N_("非常满意"), 4: N_("满意"), 3: N_("基本满意"), 2: N_("不满意"), 1: N_("非常不满意")}


def done_sheet(subject: str, found: Sequence[Done], least: int) -> Sheet:
    """一次办成率 of windows or of items, with what it rests on."""
    columns = (
        (Column("code", N_("代码"), WORDS), Column("name", N_("事项"), WORDS))
        if subject == ITEMS
        else named_columns(WINDOWS)
    )
    total = {name: sum(getattr(done, name) for done in found) for name in ("yes", "no", "asking", "n")}
    return Sheet(
        f"done-{subject}",
        (*columns, *DONE),
        [
            Line(
                {
                    "code": done.named.code,
                    "name": done.named.name,
                    "department": done.named.department,
                    "yes": done.yes,
                    "no": done.no,
                    "done": done.rate(least),
                    "asking": done.asking,
                    "n": done.n,
                },
                _leads("item" if subject == ITEMS else "window", done.named.code),
            )
            for done in found
        ],
        Line(
            {"name": N_("合计"), **total, "done": rate_of(total["yes"], total["yes"] + total["no"], least)},
            _leads("item", "*") if subject == ITEMS else _ANSWERS,
        ),
    )


_ANSWERS = {"yes": {"done": "yes"}, "no": {"done": "no"}, "asking": {"done": "asking"}, "n": {}}


def _leads(limit: str, code: str) -> dict[str, dict[str, object]]:
    """Where the numbers of one line lead: to its rating rows, each answer to its own."""
    return {name: {limit: code, **more} for name, more in _ANSWERS.items()}


def blamed_sheet(found: Sequence[Blamed], least: int) -> Sheet:
    """Bad reviews by clerk, told apart; the last line is of those matched to nobody."""
    counts = ("n", "bad", "own", "beyond", "unsaid")
    total = {name: sum(getattr(one, name) for one in found) for name in counts}
    lines = [
        Line(
            {
                "code": one.named.code,
                "name": one.named.name,
                "department": one.named.department,
                **{name: getattr(one, name) for name in counts},
                "own_bad": one.rate(least),
            },
            _blamed(staff=one.named.code) if one.named.code else {},
        )
        for one in found
    ]
    whole: dict[str, Cell] = {
        "name": N_("合计"),
        **total,
        "own_bad": rate_of(total["own"], sum(one.scored for one in found), least),
    }
    return Sheet("own", (*named_columns(STAFF), *BLAMED), lines, Line(whole, _blamed()))


def _blamed(**limit: object) -> dict[str, dict[str, object]]:
    """Where the numbers of one line lead: all its ratings, the bad ones, and those by whose they are."""
    return {"n": limit} | {name: limit | {"about": name} for name in ("bad", "own", "beyond", "unsaid")}


def tags_sheet(found: Sequence[ChosenTag]) -> Sheet:
    """The tags chosen, bad levels first, with the items each was chosen for most often."""
    return Sheet(
        "tags",
        TAGS,
        [
            Line(
                {
                    "about": ABOUT_WORDS[tag.about],
                    "level": LEVEL_WORDS[tag.level],
                    "code": tag.code,
                    "tag": tag.plain,
                    "tag_en": tag.en,
                    "times": tag.times,
                    "items": ";".join(f"{item.name} {item.times}/{item.n}" for item in tag.items),
                },
                {"times": {"tag": tag.code}},
            )
            for tag in found
        ],
    )
