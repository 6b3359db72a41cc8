"""Who runs the system, who keeps its data and who looks at both: three people, each with their own work."""

from collections.abc import Iterator
from itertools import combinations

import pytest
from flask import Flask

from evalsys.demo.accounts import demo_accounts
from evalsys.identity.rules import ROLES, UnfitRoles, check_roles
from evalsys.kernel.access import Permission, access_of
from evalsys.organisation.rules import ADMINISTRATIONS
from tests.builders import signed_in

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

READING = {"GET", "HEAD", "OPTIONS"}
# Everybody's own sign-in, notices and password.
OWN = "own-account"
# What an auditor may do: draw, and give one of two people's words, never both.
AUDITORS = {"see-journal", "decide-standing", "redact-words"}


def permitted(app: Flask, role: str, *, changing: bool) -> Iterator[tuple[str, str]]:
    """The routes of a role, by address and permission: all, or those that change something."""
    for rule in app.url_map.iter_rules():
        guard = access_of(app.view_functions[rule.endpoint]) if rule.endpoint != "static" else None
        changes = bool(set(rule.methods or ()) - READING)
        if isinstance(guard, Permission) and role in guard.roles and changes >= changing:
            yield rule.rule, guard.name


@pytest.mark.parametrize("pair", list(combinations(sorted(ADMINISTRATIONS), 2)))
def test_no_account_holds_two_of_the_three(engine_name: str, pair: tuple[str, str]) -> None:
    for role in pair:
        check_roles(frozenset({role}))
    with pytest.raises(UnfitRoles, match="三员分立"):
        check_roles(frozenset(pair))
    with pytest.raises(UnfitRoles, match="三员分立"):
        check_roles(frozenset({*pair, "supervisor"}))


def test_the_demo_keeps_the_three_apart(engine_name: str) -> None:
    held = [account.role for account in demo_accounts(1)]
    assert set(held) >= ADMINISTRATIONS
    assert all(held.count(role) == 1 for role in ADMINISTRATIONS)


def test_the_auditor_changes_nothing_alone(app: Flask) -> None:
    may = {name for _address, name in permitted(app, "auditor", changing=True)}
    assert may - {OWN} <= AUDITORS


def test_the_system_admin_keeps_accounts_and_devices_and_reads_no_ratings(app: Flask) -> None:
    may = {name for _address, name in permitted(app, "system-admin", changing=False)}
    assert may <= {OWN, "manage-accounts", "see-devices", "manage-devices", "list-windows"}


def test_neither_system_admin_nor_data_steward_sees_the_journal_or_ratings(app: Flask) -> None:
    addresses = (
        *("/admin/journal", "/admin/journal.csv", "/admin/journal.json", "/admin/journal/contacts"),
        *("/admin/spot-checks", "/comments", "/standing", "/signals", "/cases", "/rankings/windows"),
    )
    for role in ("system-admin", "data-steward"):
        client = signed_in(app, role)
        for address in addresses:
            assert client.get(address).status_code == 403, (role, address)


def test_nobody_but_the_auditor_holds_what_is_the_auditors(app: Flask) -> None:
    for role in ROLES.keys() - {"auditor"}:
        assert "see-journal" not in {name for _address, name in permitted(app, role, changing=False)}, role
