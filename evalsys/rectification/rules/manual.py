"""The manual of the loop, printed from its own rules: `evalsys rectification manual > docs/loop.md`."""

from collections.abc import Iterator

from evalsys.rectification.rules.hands import WHO_WORDS
from evalsys.rectification.rules.lights import LIGHT_SIGNS, LIGHT_WORDS
from evalsys.rectification.rules.looking import Move
from evalsys.rectification.rules.moves import MOVES
from evalsys.rectification.rules.states import STATE_WORDS
from evalsys.rectification.rules.terms import (
    CLASS_WORDS,
    FINISH_OF_CLASS,
    PROFILES,
    UNTIL_FINISHED,
    term_of_state,
)
from evalsys.worktime.rules import Clock, Term

_INTRODUCTION = """# The bad-review loop

Written by `evalsys rectification manual`; do not edit. The rules stand in `evalsys/rectification/rules/`.

A counted rating of level 2 or 1 opens its case in its own transaction. One case carries one number from
intake to close; the first owner stays responsible and may add helping units. Every step is a row that
nothing changes or deletes; overdue is computed, never stored. The rated person is never an actor. Whoever
accepts the owner unit's work or calls back about it is of another unit: the database refuses anything else.

Ratings without a word or a tag that came by no service make one case for each window and week; a rating
that gets reasons later leaves it for a case of its own. The same item and a same tag within five working
days make one case. A correction to good takes back a case nobody was told to work on, and is noted on others.
"""


def as_markdown() -> str:
    """The manual: the states with their clocks, the classes, the profiles, every legal move, the lights."""
    return "\n".join((_INTRODUCTION, *_states(), *_classes(), *_profiles(), *_moves(), *_lights()))


def _in_words(term: Term | None) -> str:
    if term is None:
        return "–"
    if term.clock is Clock.WORKING_DAYS:
        return f"{term.amount} wd"
    amount = f"{term.amount // 60} h" if term.amount % 60 == 0 else f"{term.amount} min"
    return f"{amount} of office hours" if term.clock is Clock.WORKING_HOURS else amount


def _states() -> Iterator[str]:
    yield "## States\n\n| state | in the hall's words | its clock (bad review) |\n|---|---|---|"
    for state, words in STATE_WORDS.items():
        clock = (
            "the whole case's" if state in UNTIL_FINISHED else _in_words(term_of_state(state, "bad-review"))
        )
        yield f"| `{state.value}` | {words} | {clock} |"
    yield "\nACCEPTED runs from this owner's dispatch, SUSPENDED until its review, others from entering.\n"


def _classes() -> Iterator[str]:
    yield "## Classes\n\n| class | words | whole case, from triage |\n|---|---|---|"
    for case_class, words in CLASS_WORDS.items():
        yield f"| `{case_class.value}` | {words} | {_in_words(FINISH_OF_CLASS[case_class])} |"
    yield ""


def _profiles() -> Iterator[str]:
    yield "## Profiles\n\n| profile | words | sign | contact | act | finish |\n|---|---|---|---|---|---|"
    for profile in PROFILES.values():
        terms = (profile.sign, profile.contact, profile.act)
        finish = "by class" if profile.finish is None else _in_words(profile.finish)
        yield f"| `{profile.code}` | {profile.words} | {' | '.join(map(_in_words, terms))} | {finish} |"
    yield ""


def _moves() -> Iterator[str]:
    yield "## Moves: all there are\n"
    yield "| from | to | what it is called | who | asks for |\n|---|---|---|---|---|"
    for move in MOVES:
        who = "、".join(WHO_WORDS[each] for each in sorted(move.who))
        yield f"| `{move.source.value}` | `{move.target.value}` | {move.label} | {who} | {_asks_for(move)} |"
    yield ""


def _asks_for(move: Move) -> str:
    wanted = [f"`{field.name}`" if field.required else f"(`{field.name}`)" for field in move.fields]
    return ", ".join(wanted) or "–"


def _lights() -> Iterator[str]:
    yield "## Lights\n\n| light | sign | words |\n|---|---|---|"
    for light, words in LIGHT_WORDS.items():
        yield f"| {light.value} | {LIGHT_SIGNS[light]} | {words} |"
    yield (
        "\nYellow: one working day or less is left; on clocks of hours and minutes, a quarter of the term."
        "\nRed makes a 督办单 by itself, and again two and five working days later, once for each light,"
        "\nalso after downtime.\n"
    )
