"""The feature's blueprint."""

from flask import Blueprint

bp = Blueprint("rectification", __name__)
