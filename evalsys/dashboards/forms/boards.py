"""What a keeper of displays types."""

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from evalsys.kernel.language import gettext
from evalsys.kernel.language import lazy_gettext as _


class BoardForm(FlaskForm):
    """A new display: where it hangs, and what it shows."""

    name = StringField(_("挂在哪里"), [InputRequired(_("请写明大屏挂在哪里。")), Length(max=60)])
    hall = SelectField(_("显示哪个大厅"))

    def offer(self, halls: list[tuple[str, str]]) -> None:
        """Fill in the halls to choose from; all of them together come first."""
        self.hall.choices = [
            SelectChoice("", gettext("全部大厅")),
            *(SelectChoice(code, name) for code, name in halls),
        ]
