"""Listening to a proposal about ratings' standing, and to the second person's word."""

from collections.abc import Sequence
from datetime import date

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from evalsys.assurance.rules import drawing
from evalsys.assurance.rules.standing import GROUND_WORDS, GROUNDS_OF, WORDS_LIMIT, Proposal
from evalsys.evaluation.rules import STANDING_WORDS
from evalsys.identity.forms import CheckboxesField
from evalsys.kernel.language import lazy_gettext as _

_TOO_LONG = _("最多150个字")


class ProposalForm(FlaskForm):
    """A standing for some of the ratings shown, with its ground; all of them are chosen beforehand."""

    roots = CheckboxesField(_("哪些评价"), coerce=int)
    standing = RadioField(
        _("提议"),
        choices=[SelectChoice(value, _(STANDING_WORDS[value])) for value in GROUNDS_OF],
        validators=[InputRequired(_("请选提议"))],
    )
    ground = SelectField(
        _("理由"),
        choices=[
            SelectChoice("", ""),
            *(SelectChoice(ground.value, _(words)) for ground, words in GROUND_WORDS.items()),
        ],
        validators=[InputRequired(_("请选理由"))],
    )
    words = TextAreaField(
        _("依据"),
        render_kw={"rows": 3, "maxlength": WORDS_LIMIT},
        validators=[InputRequired(_("请写明依据")), Length(max=WORDS_LIMIT, message=_TOO_LONG)],
    )

    def offer(self, ratings: Sequence[tuple[int, str]]) -> None:
        """Fill in the ratings to choose from, each with its words."""
        self.roots.choices = [SelectChoice(root, words) for root, words in ratings]
        if not self.is_submitted():
            self.roots.data = [root for root, _words in ratings]

    def proposal(self) -> Proposal:
        """What is proposed."""
        words = " ".join(str(self.words.data or "").split())
        return Proposal(str(self.standing.data), str(self.ground.data), words, tuple(self.roots.data or ()))


class DecisionForm(FlaskForm):
    """The second person's word; nothing is chosen beforehand."""

    verdict = RadioField(
        _("决定"),
        choices=[SelectChoice("agree", _("同意")), SelectChoice("refuse", _("不同意"))],
        validators=[InputRequired(_("请选决定"))],
    )
    note = TextAreaField(
        _("说明"),
        render_kw={"rows": 2, "maxlength": WORDS_LIMIT},
        validators=[Length(max=WORDS_LIMIT, message=_TOO_LONG)],
    )


class DrawForm(FlaskForm):
    """From which sealed day how many ratings are to be drawn."""

    day = DateField(_("封存的日子"), validators=[InputRequired(_("请选日子"))])
    count = IntegerField(
        _("抽几条"),
        default=drawing.USUAL,
        render_kw={"min": 1, "max": drawing.MOST},
        validators=[
            InputRequired(_("请写条数")),
            NumberRange(1, drawing.MOST, _("一次抽1到50条")),
        ],
    )

    def asked(self) -> tuple[date, int]:
        """The day, and how many."""
        if self.day.data is None or self.count.data is None:
            raise ValueError("not a valid form")
        return self.day.data, self.count.data
