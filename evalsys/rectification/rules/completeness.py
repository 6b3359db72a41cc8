"""What a reply still seems to lack: hints that are computed and shown, never a verdict."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalsys.kernel.masking import HIDDEN, masked
from evalsys.kernel.words import N_
from evalsys.rectification.rules.alike import runs

SHORTEST_REPLY, SHORTEST_MEASURES = 20, 15  # signs
_NAMED_DAY = re.compile(r"\d|今天|明天|当日|当天|本周|下周|本月|每[天日周月]|已经?|即日")


@dataclass(frozen=True)
class Submitted:
    """What an owner handed in, and what it has to answer: the words and tags of the ratings."""

    finding: str
    measures: str
    reply: str
    files: int
    asked: Sequence[str]
    names: Sequence[str] = ()


@dataclass(frozen=True)
class Hint:
    """One thing looked at: whether it seems in order, and the sentence that says so."""

    seems_right: bool
    sentence: str
    values: Mapping[str, object]


def hints(submitted: Submitted) -> tuple[Hint, ...]:
    """What a supervisor may look at twice before accepting; each is computed from what was handed in."""
    return (
        _length(submitted),
        _answers(submitted),
        _concrete(submitted),
        _evidence(submitted),
        _personal(submitted),
    )


def _length(submitted: Submitted) -> Hint:
    n = len(submitted.reply)
    if n < SHORTEST_REPLY:
        return Hint(False, N_("答复只有{n}个字,群众能看懂办了什么吗?"), {"n": n})
    return Hint(True, N_("答复有{n}个字。"), {"n": n})


def _answers(submitted: Submitted) -> Hint:
    asked = [text for text in submitted.asked if text]
    if not asked:
        return Hint(True, N_("评价没有写原因,没有可对照的问题。"), {})
    answered = runs_of_two(submitted.reply + submitted.measures)
    missed = [text for text in asked if not runs_of_two(text) & answered]
    if missed:
        return Hint(False, N_("答复和措施里没有提到:{what}"), {"what": ";".join(missed)[:120]})
    return Hint(True, N_("评价反映的每一点,答复或措施里都提到了。"), {})


def runs_of_two(text: str) -> frozenset[str]:
    """The pairs of neighbouring signs of a text: most Chinese words are as long."""
    plain = re.sub(r"\W+", "", text)
    return frozenset(plain[place : place + 2] for place in range(len(plain) - 1)) | runs(text)


def _concrete(submitted: Submitted) -> Hint:
    if len(submitted.measures) < SHORTEST_MEASURES:
        return Hint(False, N_("整改措施只有{n}个字。"), {"n": len(submitted.measures)})
    if not _NAMED_DAY.search(submitted.measures):
        return Hint(False, N_("整改措施没有写时间或数字:什么时候做完?"), {})
    return Hint(True, N_("整改措施写了时间或数字。"), {})


def _evidence(submitted: Submitted) -> Hint:
    if submitted.files:
        return Hint(True, N_("有{n}份证明材料。"), {"n": submitted.files})
    if submitted.finding in ("untrue", "unverifiable"):
        return Hint(False, N_("结论是不属实或无法核实,却没有证明材料。"), {})
    return Hint(False, N_("没有证明材料。"), {})


def _personal(submitted: Submitted) -> Hint:
    if HIDDEN in masked(submitted.reply):
        return Hint(False, N_("答复里的电话、证件号或邮箱已隐去,请看还读得通吗。"), {})
    named = [name for name in submitted.names if len(name) > 1 and name in submitted.reply]
    if named:
        return Hint(False, N_("答复里有姓名:{names}。"), {"names": "、".join(named[:5])})
    return Hint(True, N_("答复里没有发现姓名、电话和证件号。"), {})
