"""The JSON interface keeps the word of its own document, whatever it is sent."""

from collections.abc import Callable, Mapping

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from evalsys.kernel.access import Permission, access_of
from tests.attack.conftest import Note
from tests.attack.halls import Furnished

pytestmark = pytest.mark.xdist_group("attack")

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
TIMES = 700  # cases for each of some sixteen operations


class Interface:
    """The interface of a hall, as accounts of every role that may use it."""

    def __init__(self, hall: Furnished) -> None:
        self.hall = hall
        hall.app.config["PROPAGATE_EXCEPTIONS"] = False
        document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", hall.app)
        self.operations = [found.ok() for found in document.get_all_operations()]
        self.sent = 0
        self.tokens: dict[str, dict[str, str]] = {}

    def token(self, role: str) -> dict[str, str]:
        """The header of a role's token, made on first need."""
        if role not in self.tokens:
            self.tokens[role] = self.hall.token(role)
        return self.tokens[role]

    def roles(self, operation: APIOperation) -> list[str]:
        """Who may use an operation."""
        return roles_of(self.hall.app, operation.full_path, operation.method)

    def attack(self, operation: APIOperation, times: int, *, afresh: bool) -> None:
        """Send an operation as many cases, as its document has them and as it has not."""
        there: Mapping[str, str] = self.hall.here
        named = {name: there.get(name, "windows") for name in parts_of(operation)}
        kinds = [operation.as_strategy(mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]
        if named:  # of something there is
            kinds += [operation.as_strategy(GenerationMode.POSITIVE, path_parameters=named)]
        roles = st.sampled_from(self.roles(operation))

        def one(case: Case, role: str) -> None:
            self.sent += 1
            case.call_and_validate(checks=CHECKS, headers=self.token(role))

        quiet = settings(
            max_examples=times,
            derandomize=not afresh,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        run: Callable[[], None] = quiet(given(st.one_of(kinds), roles)(one))
        run()


def parts_of(operation: APIOperation) -> list[str]:
    """What the address of an operation names."""
    return [str(part.name) for part in operation.path_parameters]


def roles_of(app: Flask, path: str, method: str) -> list[str]:
    """Who may use an address of the interface."""
    endpoints = {
        rule.rule.partition("<")[0]: rule.endpoint
        for rule in app.url_map.iter_rules()
        if method.upper() in (rule.methods or ())
    }
    guard = access_of(app.view_functions[endpoints[path.partition("{")[0]]])
    assert isinstance(guard, Permission), path
    return sorted(guard.roles)


@pytest.fixture
def interface(hall: Furnished) -> Interface:
    """The interface of this module's hall."""
    return Interface(hall)


def test_the_interface_keeps_its_word(interface: Interface) -> None:
    for operation in interface.operations:
        interface.attack(operation, 5, afresh=False)
    assert interface.sent > 60


@pytest.mark.attack
def test_the_interface_keeps_its_word_ten_thousand_times(interface: Interface, noted: Note) -> None:
    for operation in interface.operations:
        interface.attack(operation, TIMES, afresh=True)
    assert interface.sent >= 10_000
    noted(("cases after and against the document", "/api/v1/openapi.json", interface.sent, 0))
