"""Listening to what a move is given, from a page or as JSON; what cannot be read is named with its field."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from evalsys.evaluation.rules import plain_text
from evalsys.evaluation.rules.keys import is_key
from evalsys.kernel import clock
from evalsys.kernel.language import gettext
from evalsys.kernel.language import lazy_gettext as _
from evalsys.kernel.words import N_
from evalsys.rectification.rules import Missing
from evalsys.rectification.rules.appeals import GROUND_WORDS, Verdict
from evalsys.rectification.rules.citizens import MESSAGE_LIMIT, NAME_LIMIT, GivenContact, plain_number
from evalsys.rectification.rules.fields import (
    SATISFIED_WORDS,
    SOLVED_WORDS,
    TEXT_LIMIT,
    Field,
    FieldValue,
)
from evalsys.rectification.rules.looking import Move

Raw = Mapping[str, object]
_VERSION = re.compile("[0-9]{1,9}")


def given_for(move: Move, raw: Raw, units: Mapping[str, int]) -> dict[str, FieldValue]:
    """What a move's fields were given, read: units by code as ids, days, instants and numbers as such.

    An instant without an offset is Asia/Shanghai. Raises Missing naming every field that cannot be read.
    """
    faults: dict[str, str] = {}
    given: dict[str, FieldValue] = {}
    for field in move.fields:
        value = raw.get(field.name)
        if field.kind == "files" or value in (None, "", []):
            continue
        try:
            given[field.name] = _read(field, value, units)
        except (ValueError, TypeError, KeyError):
            faults[field.name] = f"“{field.label}”填得不对,请改"
    if faults:
        raise Missing(faults)
    return given


def _reached(day: date) -> date:
    if not clock.is_within_reach(day):
        raise ValueError("beyond what can be counted with")
    return day


def _read(field: Field, value: object, units: Mapping[str, int]) -> FieldValue:
    text = str(value).replace("\r\n", "\n").strip()
    if field.kind == "unit":
        return units[text]
    if field.kind == "units":
        codes = value if isinstance(value, Sequence) and not isinstance(value, str) else text.split(",")
        return tuple(str(units[str(code).strip()]) for code in codes if str(code).strip())
    if field.kind == "day":
        return _reached(date.fromisoformat(text))
    if field.kind == "instant":
        moment = datetime.fromisoformat(text)
        _reached(moment)
        return moment if moment.tzinfo else moment.replace(tzinfo=clock.SHANGHAI)
    return int(text) if field.kind == "number" else text


class FaultyForm(FlaskForm):
    """A form that can be told what the rules found wrong in it."""

    def say_faults(self, faults: Mapping[str, str]) -> None:
        """Put each fault beside its field."""
        for name, fault in faults.items():
            self[name].errors = [gettext(fault)]


class MoveForm(FaultyForm):
    """One move as a form; its fields are added by `form_of`."""

    version = HiddenField()

    def validate_version(self, field: HiddenField) -> None:
        """Refuse what is not the version of a case."""
        if not _VERSION.fullmatch(field.data or ""):
            raise ValidationError(gettext("这一页不完整,这一步没有办。请看过最新情况再办。"))

    def seen(self) -> int:
        """The version of the case the form was drawn from."""
        return int(self.version.data or "")

    def given(self) -> Raw:
        """What was sent, by the names of the move's fields."""
        return {
            name: field.data for name, field in self._fields.items() if name not in ("csrf_token", "version")
        }


def form_of(move: Move, units: Sequence[tuple[str, str]], version: int) -> MoveForm:
    """The form of a move, with none of its choices made; `units` are codes and names, the likeliest first."""
    fields = {field.name: _drawn(field, units) for field in move.fields}
    made: type[MoveForm] = type("FormOfMove", (MoveForm,), fields)
    form = made(prefix=move.target.value)
    if form.version.data is None:
        form.version.data = str(version)
    return form


def _drawn(field: Field, units: Sequence[tuple[str, str]]) -> Any:
    label = _(field.label)
    if field.kind == "choice":
        choices = [SelectChoice(value, _(words)) for value, words in field.choices]
        return RadioField(label, choices=choices, validate_choice=False)
    if field.kind in ("unit", "units"):
        kind = SelectField if field.kind == "unit" else SelectMultipleField
        nothing = [SelectChoice("", "")] if field.kind == "unit" else []
        choices = nothing + [SelectChoice(code, name) for code, name in units]
        return kind(label, choices=choices, validate_choice=False)
    if field.kind == "files":
        return MultipleFileField(label)
    if field.kind == "text":
        return TextAreaField(label, render_kw={"rows": 3, "maxlength": TEXT_LIMIT})
    types = {"day": "date", "instant": "datetime-local", "number": "number"}
    return StringField(label, render_kw={"type": types[field.kind]})


ABOUT_WORDS = {"item": N_("事项(编码)"), "category": N_("类别"), "word": N_("提到的词")}


class InChargeForm(FlaskForm):
    """A line of the responsibility directory."""

    about = RadioField(
        _("按什么"),
        choices=[SelectChoice(value, _(words)) for value, words in ABOUT_WORDS.items()],
        validators=[InputRequired(_("请选按什么"))],
    )
    what = StringField(
        _("内容"), validators=[InputRequired(_("请填写内容")), Length(max=60, message=_("最多60个字"))]
    )
    unit = SelectField(_("归哪个单位"), validators=[InputRequired(_("请选单位"))])
    reason = StringField(_("依据(可不填)"), validators=[Length(max=200, message=_("最多200个字"))])

    def __init__(self, *args: Any, units: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit.choices = [SelectChoice("", ""), *(SelectChoice(code, name) for code, name in units)]


class TemplateForm(FlaskForm):
    """A beginning of a reply."""

    name = StringField(
        _("模板名称"), validators=[InputRequired(_("请填写名称")), Length(max=60, message=_("最多60个字"))]
    )
    text = TextAreaField(
        _("内容"),
        render_kw={"rows": 4},
        validators=[InputRequired(_("请填写内容")), Length(max=TEXT_LIMIT, message=_("最多500个字"))],
    )


class AppealForm(FaultyForm):
    """An appeal of the rated side; `ratings` are the open ones, as value and words."""

    rating = RadioField(_("对哪一条评价申诉"), validators=[InputRequired(_("请选对哪一条评价申诉"))])
    ground = RadioField(
        _("申诉理由"),
        choices=[SelectChoice(ground.value, _(words)) for ground, words in GROUND_WORDS.items()],
        validators=[InputRequired(_("请选申诉理由"))],
    )
    staff_no = StringField(_("实际办理人的工号(知道就填)"), render_kw={"maxlength": 20})
    evidence = TextAreaField(
        _("事实和证据"),
        render_kw={"rows": 5, "maxlength": TEXT_LIMIT},
        validators=[DataRequired(_("请写明事实和证据"))],
    )
    files = MultipleFileField(_("材料"))

    def __init__(self, ratings: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rating.choices = [SelectChoice(value, words) for value, words in ratings]

    def validate_files(self, field: MultipleFileField) -> None:
        """Refuse an appeal without a file; what kind each is, is seen when it is kept."""
        if not any(upload and upload.filename for upload in field.data or []):
            raise ValidationError(gettext("请附上材料:照片或PDF,至少一份"))


class ReviewForm(FaultyForm):
    """What one reviewer finds; nothing is chosen beforehand."""

    verdict = RadioField(
        _("复核意见"),
        choices=[SelectChoice("uphold", _("申诉成立")), SelectChoice("reject", _("申诉不成立"))],
        validators=[InputRequired(_("请选复核意见"))],
    )
    checked = BooleanField(_("已核对:认定虚假不是因为评分低或话难听"))
    reason = TextAreaField(
        _("理由"),
        render_kw={"rows": 4, "maxlength": TEXT_LIMIT},
        validators=[DataRequired(_("请写明理由"))],
    )

    def given(self) -> Verdict:
        """The verdict with its reason."""
        words = str(self.reason.data or "").replace("\r\n", "\n").strip()
        return Verdict(self.verdict.data == "uphold", words, bool(self.checked.data))


class LetterForm(Form):
    """A citizen's message to the desk, with the page's key."""

    text = StringField()
    key = StringField()

    def validate_text(self, field: StringField) -> None:
        """Refuse nothing, and more than 150 signs."""
        _refuse_words(plain_text(field.data or ""), MESSAGE_LIMIT)

    def validate_key(self, field: StringField) -> None:
        """Refuse a missing or malformed key: without it a double tap would be two messages."""
        if not is_key(field.data or ""):
            raise ValidationError(gettext("这一页不完整,没有保存。请再点一次发送。"))

    def words(self) -> str:
        """The message."""
        return plain_text(self.text.data or "")


class ContactForm(Form):
    """How a citizen wants to be reached: a number, and a name if one likes."""

    phone = StringField()
    name = StringField()

    def validate_phone(self, field: StringField) -> None:
        """Refuse what does not ring."""
        if plain_number(field.data or "") is None:
            raise ValidationError(gettext("请填11位手机号,或带区号的固定电话。不想留,可以直接返回。"))

    def validate_name(self, field: StringField) -> None:
        """Refuse more than 20 signs."""
        if len(plain_text(field.data or "")) > NAME_LIMIT:
            raise ValidationError(gettext("称呼最多%(limit)s个字。", limit=NAME_LIMIT))

    def contact(self) -> GivenContact:
        """What was given, the number as digits."""
        return GivenContact(plain_number(self.phone.data or "") or "", plain_text(self.name.data or ""))


class ConfirmationForm(Form):
    """Whether it is solved, and how the handling was; the second may stay open."""

    solved = StringField()
    handling = StringField()

    def validate_solved(self, field: StringField) -> None:
        """Refuse everything but the three answers."""
        if field.data not in SOLVED_WORDS:
            raise ValidationError(gettext("请选一项:解决了、部分解决、没解决。"))

    def validate_handling(self, field: StringField) -> None:
        """Refuse what is none of the three words."""
        if field.data and field.data not in SATISFIED_WORDS:
            raise ValidationError(gettext("请从列出的选项里选一项,或者不选。"))


def _refuse_words(words: str, limit: int) -> None:
    if not words:
        raise ValidationError(gettext("请先写留言。"))
    if len(words) > limit:
        raise ValidationError(
            gettext(
                "最多%(limit)s个字,现在%(n)s个,请删掉%(over)s个。您写的还在。",
                limit=limit,
                n=len(words),
                over=len(words) - limit,
            )
        )
    if "\x00" in words:
        raise ValidationError(gettext("有一个看不见的字符存不下,请删掉后重写。"))
