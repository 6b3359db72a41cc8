"""The feature's blueprint."""

from flask import Blueprint

bp = Blueprint("privacy", __name__)
