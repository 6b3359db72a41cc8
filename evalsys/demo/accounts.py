"""An account of every role in the demo hall, with passwords that follow from the seed."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from evalsys.demo.known import Known
from evalsys.identity.actions import accounts as identity
from evalsys.identity.queries import accounts as identities
from evalsys.identity.rules import ROLES
from evalsys.kernel.secrets import derived_code
from evalsys.organisation.queries import units

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


def demo_accounts(seed: int) -> list[DemoAccount]:
    """The accounts of a demo by role; name and role are the same word."""
    return [DemoAccount(role, role, _password(role, seed)) for role in ROLES]


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
                    unit_id=_unit(session, account.role),
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


def _unit(session: Session, role: str) -> int:
    code = _UNITS.get(role, _AT_THE_DEPARTMENT)
    found = units.unit_by_code(session, code)
    if found is None:
        raise LookupError(f"the demo hall has no unit {code}")
    return found


def _password(name: str, seed: int) -> str:
    """Twelve letters and digits in three groups: long enough for the rules, short enough to type."""
    signs = derived_code(f"demo account {seed}".encode(), name, 12).lower()
    return "-".join(signs[start : start + 4] for start in (0, 4, 8))
