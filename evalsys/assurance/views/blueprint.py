"""The feature's blueprint."""

from flask import Blueprint

bp = Blueprint("assurance", __name__)
