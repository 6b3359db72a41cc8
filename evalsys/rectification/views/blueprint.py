"""The feature's blueprint, with the words every page of cases uses."""

from datetime import timedelta

from flask import Blueprint

from evalsys.kernel import clock
from evalsys.kernel.language import gettext as _
from evalsys.rectification.queries.lines import Sentence
from evalsys.rectification.rules.lights import LIGHT_SIGNS, LIGHT_WORDS
from evalsys.rectification.rules.states import STATE_WORDS
from evalsys.rectification.rules.terms import CLASS_WORDS, KIND_WORDS, PROFILES

bp = Blueprint("rectification", __name__)
bp.add_app_template_filter(clock.shown, "hall_time")
bp.add_app_template_filter(clock.day_of, "hall_day")
bp.add_app_template_filter(clock.deadline, "deadline")

_WORDS = {
    "state_words": STATE_WORDS,
    "light_words": LIGHT_WORDS,
    "light_signs": LIGHT_SIGNS,
    "class_words": CLASS_WORDS,
    "kind_words": KIND_WORDS,
    "profiles": PROFILES,
}
bp.context_processor(lambda: _WORDS)


@bp.app_template_filter("sentence")
def sentence(said: Sentence) -> str:
    """A sentence of the rules in the reader's language, its values put in."""
    words, values = said
    return _(words).format(**values)


@bp.app_template_filter("lasting")
def lasting(length: timedelta) -> str:
    """How long something took: days and hours, hours and minutes, or minutes."""
    minutes = int(length.total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return _("%(days)s天%(hours)s小时", days=days, hours=hours)
    if hours:
        return _("%(hours)s小时%(minutes)s分钟", hours=hours, minutes=rest)
    return _("%(minutes)s分钟", minutes=rest) if rest else _("不到1分钟")
