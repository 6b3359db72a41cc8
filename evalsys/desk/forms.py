"""Listening to an order or a report that somebody types in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileRequired, MultipleFileField
from wtforms import (
    DateTimeLocalField,
    Form,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from evalsys.desk.queries.on_call import Turn
from evalsys.desk.rules import NUMBER_LIMIT, PLACE_LIMIT, SOURCE_WORDS, TEXT_LIMIT, NewOrder, Source
from evalsys.desk.rules.reports import MATTER_LIMIT, REPORT_LIMIT, TYPE_WORDS, NewReport, ReportType
from evalsys.evaluation.rules import plain_text
from evalsys.evaluation.rules.keys import is_key
from evalsys.kernel import clock
from evalsys.kernel.language import gettext
from evalsys.kernel.language import lazy_gettext as _
from evalsys.rectification.rules.citizens import NAME_LIMIT, GivenContact, plain_number

MINUTE = "%Y-%m-%dT%H:%M"
_UNREADABLE = _("时间请写成 2026-01-31T09:30 这样")


def _check_reach(_form: object, field: DateTimeLocalField) -> None:
    if field.data is not None and not clock.is_within_reach(field.data):
        raise ValidationError(_UNREADABLE)


class OrderForm(FlaskForm):
    """An order as the dispatcher types it in; `windows` are ids with codes, `categories` codes with names."""

    source = SelectField(
        _("来源"),
        choices=[SelectChoice("", ""), *(SelectChoice(s.value, _(SOURCE_WORDS[s])) for s in Source)],
        validators=[InputRequired(_("请选来源"))],
    )
    category = SelectField(_("类别"), validators=[InputRequired(_("请选类别"))])
    text = TextAreaField(
        _("反映的内容"),
        render_kw={"rows": 5, "maxlength": TEXT_LIMIT},
        validators=[InputRequired(_("请写明反映的内容")), Length(max=TEXT_LIMIT, message=_("最多2000个字"))],
    )
    received_at = DateTimeLocalField(
        _("收到时间"), format=MINUTE, validators=[InputRequired(_UNREADABLE), _check_reach]
    )
    window = SelectField(_("哪个窗口"))
    place = StringField(_("地点"), validators=[Length(max=PLACE_LIMIT, message=_("最多200个字"))])
    phone = StringField(_("联系电话"), render_kw={"inputmode": "tel", "autocomplete": "off"})
    name = StringField(_("怎么称呼"), validators=[Length(max=NAME_LIMIT, message=_("最多20个字"))])
    upstream_no = StringField(_("来源编号"), validators=[Length(max=NUMBER_LIMIT, message=_("最多60个字"))])
    upstream_due = DateTimeLocalField(_("来源要求办结"), format=MINUTE, validators=[Optional(), _check_reach])

    def __init__(
        self, windows: Sequence[tuple[int, str]], categories: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.window.choices = [SelectChoice("", ""), *(SelectChoice(str(key), code) for key, code in windows)]
        self.category.choices = [
            SelectChoice("", ""),
            *(SelectChoice(code, name) for code, name in categories),
        ]

    def validate_phone(self, field: StringField) -> None:
        """Refuse what does not ring; nothing is nothing."""
        if field.data and plain_number(field.data) is None:
            raise ValidationError(gettext("请填11位手机号,或带区号的固定电话。"))

    def order(self) -> NewOrder:
        """The order as it was typed."""
        return NewOrder(
            source=Source(self.source.data),
            category=str(self.category.data),
            text=plain_text(self.text.data or ""),
            received_at=_in_the_hall(self.received_at.data),
            window_id=int(self.window.data) if self.window.data else None,
            place=plain_text(self.place.data or ""),
            contact=_contact(self.phone.data, self.name.data),
            upstream_no=plain_text(self.upstream_no.data or "") or None,
            upstream_due=_in_the_hall(self.upstream_due.data) if self.upstream_due.data else None,
        )


class OrdersFileForm(FlaskForm):
    """The files of orders to be taken in at once."""

    files = MultipleFileField(
        _("文件"),
        [FileRequired(_("请选择要导入的文件。"))],
        description=_("xlsx、xls或csv,一次可选多个,合起来不超过20MB。"),
    )

    def contents(self) -> list[tuple[str, bytes]]:
        """Name and content of every file."""
        return [(file.filename, file.read()) for file in self.files.data if file.filename]


class ReportForm(Form):
    """A report of what could not be done; `windows` are ids with their words."""

    type = RadioField(
        _("怎么办不成?"),
        choices=[SelectChoice(one.value, _(words)) for one, words in TYPE_WORDS.items()],
        validators=[InputRequired(_("请选一项:怎么办不成"))],
    )
    text = TextAreaField(
        _("是什么事?(最多500个字)"),
        render_kw={"rows": 5},
        validators=[InputRequired(_("请写下是什么事"))],
    )
    matter = StringField(_("要办的事项"), validators=[Length(max=MATTER_LIMIT, message=_("最多60个字"))])
    window = SelectField(_("在哪个窗口"))
    phone = StringField(_("电话"), render_kw={"inputmode": "tel", "autocomplete": "tel"})
    name = StringField(_("怎么称呼"), validators=[Length(max=NAME_LIMIT, message=_("最多20个字"))])
    key = HiddenField()

    def __init__(self, *args: Any, windows: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.window.choices = [SelectChoice("", ""), *(SelectChoice(str(key), name) for key, name in windows)]

    def validate_text(self, field: TextAreaField) -> None:
        """Refuse more than 500 signs, counted as the citizen sees them."""
        words = plain_text(field.data or "")
        if len(words) > REPORT_LIMIT:
            raise ValidationError(
                gettext("最多%(limit)s个字,现在%(n)s个。您写的还在。", limit=REPORT_LIMIT, n=len(words))
            )
        if not words or "\x00" in words:
            raise ValidationError(gettext("请写下是什么事"))

    def validate_matter(self, field: StringField) -> None:
        """Refuse a sign no database keeps."""
        _check_no_nul(field)

    def validate_name(self, field: StringField) -> None:
        """Refuse a sign no database keeps."""
        _check_no_nul(field)

    def validate_phone(self, field: StringField) -> None:
        """Refuse what does not ring; nothing is nothing."""
        if field.data and plain_number(field.data) is None:
            raise ValidationError(gettext("请填11位手机号,或带区号的固定电话。不想留就空着。"))

    def validate_key(self, field: HiddenField) -> None:
        """Refuse a missing or malformed key: without it a double tap would be two reports."""
        if not is_key(field.data or ""):
            raise ValidationError(gettext("这一页不完整,没有保存。请再点一次提交。"))

    def report(self, hall_id: int) -> NewReport:
        """The report as it was made in a hall."""
        return NewReport(
            ReportType(self.type.data),
            plain_text(self.text.data or ""),
            hall_id,
            str(self.key.data),
            window_id=int(self.window.data) if self.window.data else None,
            matter=plain_text(self.matter.data or ""),
            contact=_contact(self.phone.data, self.name.data),
        )


class OnCallForm(FlaskForm):
    """A turn of the on-call list."""

    account = StringField(_("账号"), validators=[InputRequired(_("请填账号"))])
    place = IntegerField(
        _("第几位通知"),
        validators=[InputRequired(_("请填数字")), NumberRange(1, 99, message=_("请填1到99"))],
    )
    starts_at = DateTimeLocalField(
        _("从"), format=MINUTE, validators=[InputRequired(_UNREADABLE), _check_reach]
    )
    ends_at = DateTimeLocalField(
        _("到"), format=MINUTE, validators=[InputRequired(_UNREADABLE), _check_reach]
    )

    def turn(self, unit_id: int, account_id: int) -> Turn:
        """The turn of an account of a unit; not in the list yet."""
        starts_at, ends_at = _in_the_hall(self.starts_at.data), _in_the_hall(self.ends_at.data)
        return Turn(0, unit_id, account_id, int(self.place.data or 1), starts_at, ends_at)


def _check_no_nul(field: StringField) -> None:
    if "\x00" in (field.data or ""):
        raise ValidationError(gettext("这里有不能保存的字符,请删掉再提交。"))


def _contact(phone: str | None, name: str | None) -> GivenContact | None:
    number = plain_number(phone or "")
    return None if number is None else GivenContact(number, plain_text(name or ""))


def _in_the_hall(moment: datetime) -> datetime:
    return moment.replace(tzinfo=clock.SHANGHAI)
