"""An account of every role in the demo hall, with passwords that follow from the seed."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from evalsys.demo.hall import DEPARTMENTS
from evalsys.demo.known import Known
from evalsys.identity.actions import accounts as identity
from evalsys.identity.queries import accounts as identities
from evalsys.identity.rules import ROLES
from evalsys.kernel.secrets import derived_code
from evalsys.organisation.queries import units

# Those who put bad reviews right, and sign for it, in every department.
IN_EACH_DEPARTMENT = ("owner", "head")
SECOND_REVIEWER = "appeal-reviewer-DC"
# Where each role works: the offices beside the windows, and one department seen from inside.
_AT_THE_DEPARTMENT = "SP"
_UNITS = {
    "supervisor": "DC",
    "dispatcher": "RX",
    "callback-officer": "HF",
    "appeal-reviewer": "JJ",
    "helper": "ZL",
    "leadership": "DC",
    "data-steward": "DC",
    "auditor": "JJ",
    "system-admin": "DC",
}


@dataclass(frozen=True)
class DemoAccount:
    """One way into the demo."""

    role: str
    name: str
    password: str
    unit: str


def demo_accounts(seed: int) -> list[DemoAccount]:
    """The accounts of a demo: of each role one of the same name, each department's own owner and head."""
    by_role = [(role, role, _UNITS.get(role, _AT_THE_DEPARTMENT)) for role in ROLES]
    elsewhere = [
        (role, f"{role}-{department.code}", department.code)
        for department in DEPARTMENTS
        if department.code != _AT_THE_DEPARTMENT
        for role in IN_EACH_DEPARTMENT
    ]
    # Two decide an appeal.
    second = ("appeal-reviewer", SECOND_REVIEWER, "DC")
    return [
        DemoAccount(role, name, _password(name, seed), unit)
        for role, name, unit in (*by_role, *elsewhere, second)
    ]


def name_in_unit(session: Session, role: str, unit_id: int) -> str:
    """The name of a department's own account of a role."""
    codes = {found: code for code, found in units.unit_codes(session).items()}
    code = codes[unit_id]
    return role if code == _AT_THE_DEPARTMENT else f"{role}-{code}"


def create_accounts(session: Session, seed: int, clerk_no: str, known: Known) -> None:
    """Make those accounts that are missing; the clerk's is that of a member of staff."""
    for account in demo_accounts(seed):
        if identities.account_by_name(session, account.name) is None:
            staff_id = known.staff[clerk_no] if account.role == "clerk" else None
            identity.create_account(
                session,
                identity.NewAccount(
                    name=account.name,
                    display_name=f"演示{ROLES[account.role]}",
                    unit_id=_unit(session, account.unit),
                    roles=frozenset({account.role}),
                    staff_id=staff_id,
                ),
                by=None,
                password=account.password,
            )


def account_id(session: Session, role: str) -> int:
    """The id of a role's demo account."""
    account = identities.account_by_name(session, role)
    if account is None:
        raise LookupError(f"the demo has no account {role}")
    return account.id


def _unit(session: Session, code: str) -> int:
    found = units.unit_by_code(session, code)
    if found is None:
        raise LookupError(f"the demo hall has no unit {code}")
    return found


def _password(name: str, seed: int) -> str:
    """Twelve letters and digits in three groups: long enough for the rules, short enough to type."""
    signs = derived_code(f"demo account {seed}".encode(), name, 12).lower()
    return "-".join(signs[start : start + 4] for start in (0, 4, 8))
