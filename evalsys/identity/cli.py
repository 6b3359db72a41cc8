"""Accounts from the terminal."""

import click

from evalsys.identity import actions, queries
from evalsys.identity.rules import ROLES
from evalsys.kernel import clock
from evalsys.kernel.database import transaction
from evalsys.kernel.refusals import Refused
from evalsys.organisation.queries import units


@click.group("identity")
def group() -> None:
    """Accounts, passwords and tokens."""


@group.command()
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(sorted(ROLES)))
@click.option("--unit", "unit_code", help="Code of the unit; needed where there is more than one.")
@click.option("--display-name", default="", help="What the pages call the person.")
def add(name: str, roles: tuple[str, ...], unit_code: str | None, display_name: str) -> None:
    """Make an account; the first password stands alone on the last line."""
    with transaction() as session:
        known = units.unit_codes(session)
        if unit_code is None and len(known) != 1:
            raise click.UsageError("--unit is needed: " + ", ".join(sorted(known)))
        unit_id = known.get(unit_code or next(iter(known)))
        if unit_id is None:
            raise click.UsageError(f"no unit {unit_code}: " + ", ".join(sorted(known)))
        new = actions.NewAccount(name, display_name or name, unit_id, frozenset(roles))
        try:
            password = actions.create_account(session, new, None)
        except Refused as refusal:
            raise click.ClickException(str(refusal)) from refusal
    click.echo(password)


@group.command()
@click.argument("name")
@click.option("--label", default="terminal", show_default=True)
def token(name: str, label: str) -> None:
    """Make a bearer token for an account; it stands alone on the last line."""
    with transaction() as session:
        account = queries.account_by_name(session, name)
        if account is None:
            raise click.ClickException(f"no account {name}")
        made = actions.create_token(session, account, label, None, clock.now())
    click.echo(made)
