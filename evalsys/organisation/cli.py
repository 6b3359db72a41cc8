"""`evalsys organisation`: bring a hall in from spreadsheets, and the template to fill in."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click
from tqdm import tqdm

from evalsys.kernel import clock
from evalsys.kernel.database import count_rows_anew, transaction
from evalsys.kernel.sheets import files
from evalsys.organisation.actions.imports import apply_import, source_of
from evalsys.organisation.queries.imports import Draft, import_draft
from evalsys.organisation.workbook import written

File = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
NewFile = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group("organisation")
def group() -> None:
    """Units, halls, windows, staff, items and the rota."""


@group.command("import")
@click.argument("paths", nargs=-1, required=True, type=File, metavar="FILE…")
@click.option("--dry-run", is_flag=True, help="Say what would change; change nothing.")
@click.option(
    "--annotated", type=NewFile, help="Write the workbook back with a column 问题 on every faulty row."
)
def bring_in(paths: tuple[Path, ...], dry_run: bool, annotated: Path | None) -> None:
    """Import xlsx, xls or csv files as one: all of it, or nothing and exit 1 with every faulty row named."""
    named = [(path.name, path.read_bytes()) for path in paths]
    with transaction() as session:
        draft = import_draft(session, files.read(named), clock.today())
        plan = draft.plan
        if not plan.faults and not dry_run:
            # Nothing to see where nobody looks on: files and pipes get the report alone.
            with tqdm(total=plan.rows, desc="写入", unit="行", disable=None) as bar:
                apply_import(session, plan, source_of(named), None, clock.now(), on_rows=bar.update)
    if plan.rows and not plan.faults and not dry_run:
        count_rows_anew()
    _report(draft, is_done=not dry_run)
    if annotated is not None:
        annotated.write_bytes(written.annotated(draft.book, draft.reading, plan.faults))
        click.echo(f"已写出{annotated}")
    if plan.faults:
        sys.exit(1)


def _report(draft: Draft, *, is_done: bool) -> None:
    plan = draft.plan
    _say(f"提示:{notice}" for notice in plan.notices)
    _say(str(fault) for fault in plan.faults)
    if plan.faults:
        click.echo(f"有{len(plan.faults)}处要改,一行都没有导入。")
        return
    for tally in plan.tallies:
        click.echo(f"{tally.sheet}:新增{tally.created},改动{tally.changed},不变{tally.unchanged}")
    said = "已导入" if is_done else "试导入,没有写入"
    click.echo(f"{said}:共{plan.rows}行,新增{plan.created},改动{plan.changed},不变{plan.unchanged}。")


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


@group.command("template")
@click.argument("out", type=NewFile, metavar="OUT.xlsx")
def write_template(out: Path) -> None:
    """Write an empty workbook with the six sheets and how to fill them in."""
    out.write_bytes(written.template())
    click.echo(f"已写出{out}")
