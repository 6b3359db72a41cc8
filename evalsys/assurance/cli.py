"""`evalsys seal` and `verify`; `evalsys backup`, `restore` and `drill`."""

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError
from tqdm import tqdm

from evalsys.assurance.actions import backups, drills
from evalsys.assurance.actions import seals as sealing
from evalsys.assurance.queries import journal_checks, seal_checks, seals
from evalsys.assurance.queries.seal_checks import Fault
from evalsys.assurance.rules.seals import Anchor, NotAnAnchor, NotClosed
from evalsys.kernel import clock, database, settings
from evalsys.kernel.refusals import Refused
from evalsys.scoring.queries import checks

SHOWN = 10


def _watched(stretches: Sequence[Any], what: str, unit: str) -> Iterable[Any]:
    """The stretches with a progress bar, where somebody watches."""
    return tqdm(stretches, desc=what, unit=unit, disable=None)


@click.command("seal")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Up to and with this day; all that are over.")
def seal(day: datetime | None) -> None:
    """Seal the days that are closed."""
    entries = days = 0
    with tqdm(desc="封存", unit="条", disable=None) as progress:
        while True:
            try:
                with database.transaction() as session:
                    done = sealing.seal_piece(session, clock.now(), day and day.date())
            except NotClosed as refusal:
                raise click.ClickException(str(refusal)) from refusal
            progress.update(done.entries)
            entries, days = entries + done.entries, days + done.days
            if done.is_last:
                break
    last = seals.last_seal(database.db.session())
    if last is None:
        click.echo("还没有可以封存的日子。")
        return
    click.echo(f"封存了{days}天、{entries}条。最近封存的一天:{last.day},封存值 {last.seal.hex()}")


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Only the last line, for programs.")
@click.option(
    "--anchor",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compare with an anchor file that was kept elsewhere.",
)
def verify(as_json: bool, anchor: Path | None) -> None:
    """Compare every sum and every seal with the ratings; exit 1 on any difference."""
    kept = None if anchor is None else _anchor(anchor)
    # A plain reading session: ratings go on being taken meanwhile.
    session = database.db.session()
    sums = checks.differences(session, _watched(checks.chunks(session), "核对汇总", "月"))
    days = seals.sealed_days(session)
    of_seals = _counted(seal_checks.faults(session, kept, lambda days: _watched(days, "核对封存", "天")))
    of_journal = _counted(journal_checks.faults(session, days, lambda some: _watched(some, "核对流水", "段")))
    if not as_json:
        _say(sums)
        _say_of(of_seals, "封存与评价", "每一条封存的内容都和封存时一样。")
        _say_of(of_journal, "流水", "流水的每一条都接着前一条,和写下时一样。")
    differences = sums.differences + of_seals.faults + of_journal.faults
    told = {"ratings": sums.ratings, "rows": sums.rows, "differences": differences}
    told |= {"sealed_days": len(days), "sealed": seal_checks.leaves_in_all(session)}
    click.echo(json.dumps(told | {"journal": journal_checks.entries_in_all(session)}))
    sys.exit(1 if differences else 0)


@dataclass(frozen=True)
class Counted:
    """How many faults there are, and the first of them."""

    faults: int
    first: tuple[Fault, ...]


def _counted(faults: Iterator[Fault]) -> Counted:
    first = tuple(islice(faults, SHOWN))
    return Counted(len(first) + sum(1 for _ in faults), first)


def _anchor(file: Path) -> Anchor:
    try:
        return Anchor.read(file.read_text(encoding="utf-8"))
    except (NotAnAnchor, UnicodeDecodeError) as fault:
        raise click.ClickException(f"{file} 不是封存的锚文件。") from fault


def _say(sums: checks.Verdict) -> None:
    """Say in words what was found in the sums, before the line for programs."""
    for cell in sums.examples:
        click.echo(f"不符:{cell}")
    if sums.differences:
        click.echo("汇总与评价不符。请运行 evalsys scoring rebuild,并查明原因。")
    else:
        click.echo("每一格汇总都与评价相符。")


def _say_of(found: Counted, what: str, sound: str) -> None:
    """Say in words what was found in what must never change."""
    for fault in found.first:
        click.echo(f"不符:{fault}")
    if found.faults:
        click.echo(f"{what}有{found.faults}处不符:有人改动过数据库。请从备份中取回,并查明原因。")
    else:
        click.echo(sound)


def _bytes(what: str, size: int) -> Any:
    """A progress bar of bytes, where somebody watches."""
    return tqdm(desc=what, total=size, unit="B", unit_scale=True, disable=None)


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path, resolve_path=True)
# What a disk, a database or PostgreSQL's tools may do to a backup: said in one sentence.
_FAULTS = (Refused, OSError, SQLAlchemyError, ValueError)


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, resolve_path=True))
def backup(file: Path) -> None:
    """Back the site up into FILE while it goes on working; the last line is JSON."""
    began = time.monotonic()
    try:
        made = backups.back_up(settings.current(), file, clock.now(), _bytes)
    except _FAULTS as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if made.missing:
        click.echo(f"有{len(made.missing)}个上传的文件找不到或已损坏,没有进入备份:", err=True)
        click.echo("\n".join(made.missing), err=True)
    told = {"file": str(file), "size": file.stat().st_size, "seconds": round(time.monotonic() - began, 1)}
    click.echo(json.dumps(backups.figures(made) | told, ensure_ascii=False))


@click.command("restore")
@click.argument("file", type=_FILE)
def restore(file: Path) -> None:
    """Restore a backup into this place, which must be empty, and verify it; the last line is JSON."""
    try:
        restored = backups.restore(settings.current(), file, _bytes)
    except _FAULTS as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo("已恢复。请把联系方式密钥和环境变量也放回原处,再启动站点。")
    click.echo(json.dumps(restored.figures()))
    sys.exit(1 if restored.differences else 0)


@click.command("drill")
@click.argument("file", type=_FILE, required=False)
@click.option("--asked", is_flag=True, help="Only where the clock has asked for one: for `evalsys work`.")
def drill(file: Path | None, asked: bool) -> None:
    """Restore a backup beside the site (a fresh one unless FILE is given) and verify it."""
    with database.transaction() as session:
        begin = drills.begin_asked if asked else drills.begin
        number = begin(session, clock.now())
    if number is None:
        return
    if asked:
        os.nice(10)
    try:
        found: backups.Restored | str = drills.drill(settings.current(), file, clock.now(), _bytes)
    except _FAULTS as fault:
        found = str(fault)
    with database.transaction() as session:
        drills.end(session, number, clock.now(), found)
    if isinstance(found, str):
        raise click.ClickException(found)
    click.echo(json.dumps(found.figures()))
    sys.exit(1 if found.differences else 0)
