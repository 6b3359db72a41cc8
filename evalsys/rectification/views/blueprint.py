"""The feature's blueprint."""

from flask import Blueprint

from evalsys.kernel import clock

bp = Blueprint("rectification", __name__)
bp.add_app_template_filter(clock.shown, "hall_time")
