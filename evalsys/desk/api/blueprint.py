"""The blueprint of the desk's part of the JSON interface."""

from flask_smorest import Blueprint

blp = Blueprint("desk_api", __name__, description="Orders taken in from other platforms")
