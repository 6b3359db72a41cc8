"""`evalsys worktime`: load a year's notice of working days."""

import sys
from pathlib import Path

import click

from evalsys.kernel import clock
from evalsys.kernel.database import transaction
from evalsys.kernel.sheets import files
from evalsys.worktime import actions, queries, workbook
from evalsys.worktime.plan import Plan

File = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group("worktime")
def group() -> None:
    """Working days and office hours."""


@group.command("load")
@click.argument("path", type=File, metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Say which days would change; change nothing.")
def load(path: Path, dry_run: bool) -> None:
    """Load a year's notice (xlsx, xls, csv: 日期, 上班/休息, 说明): all of it, or nothing and exit 1."""
    with transaction() as session:
        book = files.read([(path.name, path.read_bytes())])
        plan, _lines = queries.plan_of_notice(session, book, clock.today())
        if not plan.faults and not dry_run:
            actions.load_notice(session, plan, None)
    _report(plan, is_done=not dry_run)
    if plan.faults:
        sys.exit(1)


def _report(plan: Plan, *, is_done: bool) -> None:
    for fault in plan.faults:
        click.echo(str(fault))
    if plan.faults:
        click.echo(f"有{len(plan.faults)}处要改,一天都没有载入。")
        return
    for change in plan.flipped:
        click.echo(
            f"{change.day} 改为{workbook.word_of(change.after.working)} {change.after.notice}".rstrip()
        )
    said = "已载入" if is_done else "试载入,没有写入"
    click.echo(
        f"{said}{plan.year}年的通知:{len(plan.flipped)}天改了上班或休息,{plan.settled}天由暂定转为已定。"
    )
