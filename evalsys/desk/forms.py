"""Listening to an order that somebody types in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from evalsys.desk.rules import NUMBER_LIMIT, PLACE_LIMIT, SOURCE_WORDS, TEXT_LIMIT, NewOrder, Source
from evalsys.evaluation.rules import plain_text
from evalsys.kernel import clock
from evalsys.kernel.language import gettext
from evalsys.kernel.language import lazy_gettext as _
from evalsys.rectification.rules.citizens import NAME_LIMIT, GivenContact, plain_number

MINUTE = "%Y-%m-%dT%H:%M"
_UNREADABLE = _("时间请写成 2026-01-31T09:30 这样")


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
    received_at = DateTimeLocalField(_("收到时间"), format=MINUTE, validators=[InputRequired(_UNREADABLE)])
    window = SelectField(_("哪个窗口"))
    place = StringField(_("地点"), validators=[Length(max=PLACE_LIMIT, message=_("最多200个字"))])
    phone = StringField(_("联系电话"), render_kw={"inputmode": "tel", "autocomplete": "off"})
    name = StringField(_("怎么称呼"), validators=[Length(max=NAME_LIMIT, message=_("最多20个字"))])
    upstream_no = StringField(_("来源编号"), validators=[Length(max=NUMBER_LIMIT, message=_("最多60个字"))])
    upstream_due = DateTimeLocalField(_("来源要求办结"), format=MINUTE, validators=[Optional()])

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
        number = plain_number(self.phone.data or "")
        contact = None if number is None else GivenContact(number, plain_text(self.name.data or ""))
        return NewOrder(
            source=Source(self.source.data),
            category=str(self.category.data),
            text=plain_text(self.text.data or ""),
            received_at=_in_the_hall(self.received_at.data),
            window_id=int(self.window.data) if self.window.data else None,
            place=plain_text(self.place.data or ""),
            contact=contact,
            upstream_no=plain_text(self.upstream_no.data or "") or None,
            upstream_due=_in_the_hall(self.upstream_due.data) if self.upstream_due.data else None,
        )


def _in_the_hall(moment: datetime) -> datetime:
    return moment.replace(tzinfo=clock.SHANGHAI)
