"""`evalsys rectification`: the daily chase list, and contacts that are to be forgotten."""

from datetime import date, datetime
from pathlib import Path

import click

from evalsys.kernel import clock, tables
from evalsys.kernel.database import transaction
from evalsys.rectification.actions.contacts import purge_contacts
from evalsys.rectification.queries import chasing
from evalsys.rectification.rules import manual as rules

NewFile = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group("rectification")
def group() -> None:
    """Cases: what is overdue."""


@group.command("chase")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day; today unless said otherwise.")
@click.option("--xlsx", type=NewFile, help="Write the list as a workbook, one sheet for each unit.")
def chase(on: datetime | None, xlsx: Path | None) -> None:
    """Print what is due on a day and what is overdue, unit by unit."""
    day: date = on.date() if on else clock.today()
    with transaction() as session:
        chased = chasing.chase_list(session, day, clock.now())
    for unit in chased:
        click.echo(f"{unit.unit}({len(unit.lines)}件)")
        for row in chasing.rows_of([unit]):
            click.echo("  " + "  ".join(row[1:]))
    if not chased:
        click.echo(f"{day}没有到期和超期的单子。")
    if xlsx is not None:
        xlsx.write_bytes(tables.as_xlsx(chasing.sheets_of(chased)))
        click.echo(f"已写出{xlsx}")


@group.command("manual")
def manual() -> None:
    """Print the manual of the loop: its states, clocks and moves."""
    click.echo(rules.as_markdown(), nl=False)


@group.command("purge")
def purge() -> None:
    """Forget the contact details of cases that ended 90 days ago; `evalsys work` does it every day."""
    with transaction() as session:
        forgotten = purge_contacts(session, clock.now())
    click.echo(f"已删除{forgotten}条到期的联系方式。")
