"""What a move asks for: each field with its kind, its choices, and what a fault is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from evalsys.kernel.words import N_
from evalsys.rectification.rules import Missing

TEXT_LIMIT = 500  # code points of a reason, a summary, a reply

FieldValue = str | int | bool | date | datetime | tuple[str, ...] | None


@dataclass(frozen=True)
class Field:
    """One thing a move needs to know.

    `kind`: text, choice, unit (its code outside, its id inside), units, day, instant, number, files.
    """

    name: str
    label: str
    kind: str = "text"
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    at_most: int | None = None


YES_NO = (("yes", N_("是")), ("no", N_("否")))

REASON = Field("reason", N_("理由"))
NOTE = Field("reason", N_("说明(可不填)"), required=False)
OWNER = Field("owner", N_("承办单位"), "unit")
HOW = Field(
    "how",
    N_("怎样联系的"),
    "choice",
    choices=(("phone", N_("电话")), ("visit", N_("当面")), ("message", N_("凭证页留言(督查员转达)"))),
)
FINDING_WORDS: Mapping[str, str] = {
    "true": N_("属实"),
    "partly": N_("部分属实"),
    "untrue": N_("不属实"),
    "unverifiable": N_("无法核实"),
}
CAUSE_WORDS: Mapping[str, str] = {
    "person": N_("人员服务"),
    "process": N_("流程"),
    "guide": N_("办事指南"),
    "requirement": N_("政策要求"),
    "platform": N_("系统平台"),
}
SOLVED_WORDS: Mapping[str, str] = {"yes": N_("解决了"), "partly": N_("部分解决"), "no": N_("没解决")}
SATISFIED_WORDS: Mapping[str, str] = {
    "satisfied": N_("满意"),
    "fairly": N_("基本满意"),
    "dissatisfied": N_("不满意"),
}
PRESSED_WORDS: Mapping[str, str] = {"yes": N_("有人要求改评价"), "no": N_("没有"), "unasked": N_("没有问到")}
SOLVED = Field("solved", N_("问题解决了吗?"), "choice", choices=tuple(SOLVED_WORDS.items()))
SATISFIED = Field("satisfied", N_("对处理满意吗?"), "choice", choices=tuple(SATISFIED_WORDS.items()))
PRESSED = Field(
    "pressed", N_("有没有人因为这次评价找过您、要您改分?"), "choice", choices=tuple(PRESSED_WORDS.items())
)

_MISSING = N_("请填写“{label}”")
_NOT_OFFERED = N_("“{label}”请从给出的选项里选")
_TOO_LONG = N_("“{label}”最多{most}个字,现在{n}个")
_OUT_OF_RANGE = N_("“{label}”要在1到{most}之间")


def checked(fields: tuple[Field, ...], given: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """What was given, limited to what a move asks for; raises Missing naming every field at fault."""
    faults: dict[str, str] = {}
    kept: dict[str, FieldValue] = {}
    for field in fields:
        value = given.get(field.name)
        fault = _fault(field, value)
        if fault:
            faults[field.name] = fault
        elif not _is_empty(value):
            kept[field.name] = value
    if faults:
        raise Missing(faults)
    return kept


def _is_empty(value: FieldValue) -> bool:
    return value is None or value == () or (isinstance(value, str) and not value.strip())


def _fault(field: Field, value: FieldValue) -> str | None:
    if _is_empty(value):
        return _MISSING.format(label=field.label) if field.required else None
    if field.kind == "choice" and value not in dict(field.choices):
        return _NOT_OFFERED.format(label=field.label)
    if field.kind == "text" and len(str(value)) > TEXT_LIMIT:
        return _TOO_LONG.format(label=field.label, most=TEXT_LIMIT, n=len(str(value)))
    if field.kind == "number" and not (isinstance(value, int) and 1 <= value <= (field.at_most or value)):
        return _OUT_OF_RANGE.format(label=field.label, most=field.at_most)
    return None
