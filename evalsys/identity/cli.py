"""Accounts from the terminal."""

from pathlib import Path

import click

from evalsys.identity import passwords, roster
from evalsys.identity.actions import accounts as actions
from evalsys.identity.actions import second_step
from evalsys.identity.queries import accounts as queries
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


@group.command("drop-second-step")
@click.argument("name")
def drop_second_step(name: str) -> None:
    """Take the second step away from an account whose telephone is lost; it is set up anew."""
    with transaction() as session:
        account = queries.account_by_name(session, name)
        if account is None:
            raise click.ClickException(f"no account {name}")
        second_step.drop(session, account, None, clock.now())


@group.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
def bring_in(path: Path) -> None:
    """Make accounts from a csv or xlsx file with the columns 账号, 姓名, 单位, 角色, 工号; all or none.

    Prints a line `account NAME PASSWORD` for each; the passwords are shown this once.
    """
    with transaction() as session:
        wanted, faults = roster.read(session, path.name, path.read_bytes(), clock.today())
    if faults:
        raise click.ClickException("\n".join(faults))
    # Hundreds take half a minute to hash: nobody's rating waits for it.
    firsts = [passwords.first() for _ in wanted]
    with transaction() as session:
        try:
            made = actions.create_accounts(session, list(zip(wanted, firsts, strict=True)), None)
        except Refused as refusal:
            raise click.ClickException(str(refusal)) from refusal
    for new, password in zip(wanted, made, strict=True):
        click.echo(f"account {new.name} {password}")
