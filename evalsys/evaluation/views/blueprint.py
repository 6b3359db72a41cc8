"""The feature's blueprint."""

from flask import Blueprint

bp = Blueprint("evaluation", __name__)
