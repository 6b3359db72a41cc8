"""Listening to a proposal to put words out of sight, and to the second person's word."""

from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from evalsys.kernel.language import lazy_gettext as _
from evalsys.privacy.rules import REASON_LIMIT


class RedactionForm(FlaskForm):
    """Why somebody's words should be out of sight."""

    reason = TextAreaField(
        _("为什么要隐去"),
        render_kw={"rows": 2, "maxlength": REASON_LIMIT},
        validators=[
            InputRequired(_("请写明为什么要隐去")),
            Length(max=REASON_LIMIT, message=_("最多150个字")),
        ],
    )

    def said(self) -> str:
        """The reason as it is kept."""
        return " ".join(str(self.reason.data or "").split())


class DecisionForm(FlaskForm):
    """The second person's word; nothing is chosen beforehand."""

    verdict = RadioField(
        _("决定"),
        choices=[SelectChoice("agree", _("同意隐去")), SelectChoice("refuse", _("不同意"))],
        validators=[InputRequired(_("请选决定"))],
    )
