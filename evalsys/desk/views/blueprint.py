"""The feature's blueprint, with the words its pages use."""

from flask import Blueprint

from evalsys.desk.rules import SOURCE_WORDS
from evalsys.desk.rules.reports import TYPE_WORDS
from evalsys.rectification.rules.states import STATE_WORDS

bp = Blueprint("desk", __name__)

_WORDS = {
    "source_words": SOURCE_WORDS,
    "order_state_words": STATE_WORDS,
    "report_types": TYPE_WORDS,
}
bp.app_context_processor(lambda: _WORDS)
