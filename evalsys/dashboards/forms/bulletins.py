"""What is chosen to draft a bulletin, and what is typed to drop one."""

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from evalsys.dashboards.queries.month import Of
from evalsys.dashboards.rules.bulletins import ALL, HALL, UNIT
from evalsys.kernel.language import gettext
from evalsys.kernel.language import lazy_gettext as _
from evalsys.kernel.periods import Closing, closing_named


class DraftForm(FlaskForm):
    """The place and the month of a bulletin."""

    place = SelectField(_("范围"))
    month = SelectField(_("月份"))

    def offer(
        self, halls: list[tuple[str, str]], departments: list[tuple[str, str]], months: list[Closing]
    ) -> None:
        """Fill in the places and the open months to choose from."""
        self.place.choices = [
            SelectChoice(f"{ALL}:", gettext("全部大厅")),
            *(SelectChoice(f"{HALL}:{code}", name) for code, name in halls),
            *(SelectChoice(f"{UNIT}:{code}", name) for code, name in departments),
        ]
        self.month.choices = [
            SelectChoice(
                closing.name, gettext("%(year)s年%(month)s月", year=closing.year, month=closing.number)
            )
            for closing in months
        ]

    def of(self) -> Of:
        """What was chosen."""
        kind, _colon, code = str(self.place.data).partition(":")
        return Of(kind, code, closing_named(str(self.month.data)))


class DropForm(FlaskForm):
    """Why a draft is dropped."""

    reason = StringField(_("作废原因"), [InputRequired(_("请写明作废原因。")), Length(max=200)])
