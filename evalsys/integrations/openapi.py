"""The OpenAPI 3.1 document of the JSON interface at /api/v1, and the shape of its errors."""

from collections.abc import Sequence
from typing import Any

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields

from evalsys.kernel.access import public

PREFIX = "/api/v1"


class ErrorBody(Schema):
    """What went wrong."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    details = fields.Raw(allow_none=True)


class ErrorAnswer(Schema):
    """Every error of the interface."""

    error = fields.Nested(ErrorBody, required=True)


class Interface(Api):
    """The interface; errors are answered by the application as a whole, not by the library."""

    ERROR_SCHEMA = ErrorAnswer

    def _register_error_handlers(self) -> None:
        """Leave errors to `evalsys.kernel.errors`, which knows refusals as well."""


def install(app: Flask, blueprints: Sequence[Blueprint]) -> None:
    """Serve the features' parts of the interface and their common document."""
    app.config.update(
        API_TITLE="evalsys",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "security": [{"bearer": []}],
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        },
    )
    interface: Any = Interface(app)
    for blueprint in blueprints:
        interface.register_blueprint(blueprint, url_prefix=PREFIX)
    _open_to_all(app, "api-docs.openapi_json")


def _open_to_all(app: Flask, endpoint: str) -> None:
    """Let anybody see the document: it says what there is, not what is in it."""
    answer: Any = app.view_functions[endpoint]

    @public
    def document() -> ResponseReturnValue:
        page: ResponseReturnValue = answer()
        return page

    app.view_functions[endpoint] = document
