"""`evalsys privacy`: what is forgotten in time, and a change of the keys of contacts."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

import click
from tqdm import tqdm

from evalsys.kernel import clock, compacting, database, sealing
from evalsys.kernel.database import transaction
from evalsys.privacy.actions import purging, resealing
from evalsys.privacy.rules import KIND_WORDS


@click.group("privacy")
def group() -> None:
    """What is known of people: forgotten in time, and sealed."""


@group.command("purge")
@click.option("--dry-run", is_flag=True, help="Only count what would go; nothing is changed.")
@click.option("--compact", is_flag=True, help="Rewrite the files too; the site waits meanwhile.")
def purge(dry_run: bool, compact: bool) -> None:
    """Forget everything that has come to its term; `evalsys work` does it every day."""
    gone = Counter(_piece(purging.forget_terms, dry_run=dry_run))
    stretches = list(purging.stretches(database.db.session(), clock.now()))
    for since, until in tqdm(stretches, desc="查找", unit="段", disable=None):
        gone.update(_piece(purging.forget_words, since, until, dry_run=dry_run))
    for kind, words in KIND_WORDS.items():
        click.echo(f"{gone[kind]:>8}  {words}")
    if dry_run:
        click.echo(f"到期{sum(gone.values())}项,只是查看,没有删除。")
        return
    compacting.leave_nothing_behind(rewrite=compact)
    click.echo(f"已删除{sum(gone.values())}项,记入日志。")


def _piece(forget: Callable[..., Mapping[str, int]], *stretch: datetime, dry_run: bool) -> Mapping[str, int]:
    """One piece in a transaction of its own, taken back where it was only to be counted."""
    with transaction() as session:
        gone = forget(session, clock.now(), *stretch)
        if dry_run:
            session.rollback()
    return gone


@group.command("keys")
def keys() -> None:
    """Say which keys are at hand, and what is sealed under each."""
    _say_keys()


@group.command("reseal")
def reseal() -> None:
    """Seal contacts and second steps under the first key; may be stopped and run again."""
    done = sealing.Resealed()
    with tqdm(desc="换密钥", unit="条", disable=None) as progress:
        for done in resealing.reseal_all():
            progress.update(done.renewed + done.as_it_was - progress.n)
    click.echo(f"换了{done.renewed}条,{done.as_it_was}条本来就是这样。")
    for words, n in done.stuck.items():
        click.echo(f"{n}条没有动:{words}")
    compacting.leave_nothing_behind()
    _say_keys()
    if done.stuck:
        raise SystemExit(1)


def _say_keys() -> None:
    for key in resealing.keys(database.db.session()):
        words = "现用" if key.is_first else "旧的" if key.is_at_hand else "缺少,请找回"
        click.echo(f"密钥 {key.key_id}({words}):{key.sealed}条")
        if key.is_at_hand and not key.is_first and not key.sealed:
            click.echo("  已不再需要,可以从设置里去掉;旧备份里的还要用它打开,备份到期前另行保管。")
