"""The blueprint of evaluation's part of the JSON interface."""

from flask_smorest import Blueprint

blp = Blueprint("evaluation_api", __name__, description="Windows, services and rating rows")
