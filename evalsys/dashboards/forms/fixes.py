"""What a keeper of fixes types."""

from collections.abc import Sequence
from datetime import date
from typing import cast

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from evalsys.dashboards.rules.fixes import NewFix
from evalsys.kernel.language import lazy_gettext as _


class FixForm(FlaskForm):
    """One thing changed: for which item, because of which tag, what, and since when."""

    item = StringField(_("事项"), [InputRequired(_("请写事项的名称或编码。")), Length(max=200)])
    tag = SelectField(_("因为哪个标签"))
    words = StringField(
        _("改了什么"), [InputRequired(_("请写改了什么。")), Length(max=200, message=_("最多200个字。"))]
    )
    since = DateField(_("从哪天起"), [InputRequired(_("请写从哪天起。"))])

    def offer(self, tags: Sequence[tuple[str, str]]) -> None:
        """Fill in the tags to choose from."""
        self.tag.choices = [SelectChoice(code, words) for code, words in tags]

    def new(self) -> NewFix:
        """What was typed."""
        item, words = (str(field.data or "").strip() for field in (self.item, self.words))
        return NewFix(item, str(self.tag.data), words, cast(date, self.since.data))
