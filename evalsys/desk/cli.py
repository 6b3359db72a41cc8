"""`evalsys orders`: take in a file of orders, and the template to fill in."""

import sys
from pathlib import Path

import click

from evalsys.desk import workbook
from evalsys.desk.actions.importing import take_orders
from evalsys.desk.queries.importing import orders_draft
from evalsys.desk.rules import TYPE_ORDERS
from evalsys.identity.queries.accounts import actor_named
from evalsys.kernel import clock
from evalsys.kernel.database import transaction
from evalsys.kernel.sheets import files

File = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
NewFile = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group("orders")
def group() -> None:
    """Orders of other platforms."""


@group.command("import")
@click.argument("paths", nargs=-1, required=True, type=File, metavar="FILE…")
@click.option("--account", required=True, help="Whose act it is: a dispatcher's or supervisor's account.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken in; change nothing.")
@click.option("--annotated", type=NewFile, help="Write the file back with a column 问题 on every faulty row.")
def bring_in(paths: tuple[Path, ...], account: str, dry_run: bool, annotated: Path | None) -> None:
    """Take in xlsx, xls or csv files as one: all orders, or none and exit 1 with every faulty row named."""
    book = files.read([(path.name, path.read_bytes()) for path in paths])
    with transaction() as session:
        actor = actor_named(session, account)
        if actor is None or not actor.may(TYPE_ORDERS):
            raise click.ClickException(f"“{account}”不是可以受理工单的账号。")
        draft = orders_draft(session, book, clock.now())
        if not draft.faults and not dry_run:
            take_orders(session.connection(), draft, actor, now=clock.now())
    for fault in draft.faults:
        click.echo(str(fault))
    if annotated is not None:
        annotated.write_bytes(draft.answer())
        click.echo(f"已写出{annotated}")
    if draft.faults:
        click.echo(f"有{len(draft.faults)}处要改,一件都没有受理。")
        sys.exit(1)
    click.echo(f"{'试导入,没有写入' if dry_run else '已受理'}:新的{len(draft.new)}件,已有{draft.known}件。")


@group.command("template")
@click.argument("out", type=NewFile, metavar="OUT.xlsx")
def write_template(out: Path) -> None:
    """Write an empty workbook with how to fill it in."""
    out.write_bytes(workbook.template())
    click.echo(f"已写出{out}")
