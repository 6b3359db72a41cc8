"""The blueprint of the loop's part of the JSON interface."""

from flask_smorest import Blueprint

blp = Blueprint(
    "rectification_api", __name__, description="Cases, their steps and the moves open to the caller"
)
