"""What somebody wrote into a form that was refused: it is given back, whatever became of the case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request

from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.refusals import Refused
from evalsys.rectification.rules.fields import Field
from evalsys.rectification.rules.moves import MOVES
from evalsys.rectification.views.units import offered_units


@dataclass(frozen=True)
class Kept:
    """Why nothing was done, and what was written: each with its label, which may be empty."""

    sentence: str
    words: Sequence[tuple[str, str]]


def kept_of_move(refusal: Refused, target: str) -> Kept:
    """What was written for a move that is not open any more; `target` is the state it leads to."""
    fields: dict[str, list[Field]] = {}
    for move in MOVES:
        for field in move.fields if move.target.value == target else ():
            fields.setdefault(field.name, []).append(field)
    units = dict(offered_units())
    words = [
        (_label(alike), "、".join(_spelled(alike, value, units) for value in sent if value.strip()))
        for name, alike in fields.items()
        if (sent := request.form.getlist(f"{target}-{name}"))
    ]
    return Kept(say(refusal), [(label, said) for label, said in words if said])


def _label(alike: Sequence[Field]) -> str:
    """The label of a field; none where moves to the same state call it differently."""
    labels = {field.label for field in alike}
    return _(labels.pop()) if len(labels) == 1 else ""


def _spelled(alike: Sequence[Field], value: str, units: Mapping[str, str]) -> str:
    choices = {chosen: words for field in alike for chosen, words in field.choices}
    if alike[0].kind in ("unit", "units"):
        return units.get(value, value)
    return _(choices[value]) if value in choices else value
