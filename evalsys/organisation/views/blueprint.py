"""The blueprint every page of the organisation hangs on, and how its forms end."""

from collections.abc import Callable

from flask import Blueprint
from flask_wtf import FlaskForm

from evalsys.kernel.language import say
from evalsys.kernel.refusals import Refused

bp = Blueprint("organisation", __name__)


def is_done(form: FlaskForm, change: Callable[[], None]) -> bool:
    """Whether the form is right and the rules let the change through; a no stands on the form."""
    if not form.validate_on_submit():
        return False
    try:
        change()
    except Refused as refusal:
        form.form_errors.append(say(refusal))
        return False
    return True
