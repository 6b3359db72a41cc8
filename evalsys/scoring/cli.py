"""`evalsys scoring …`."""

from collections.abc import Iterable, Sequence

import click
from tqdm import tqdm

from evalsys.kernel import database
from evalsys.kernel.periods import Period
from evalsys.scoring import actions
from evalsys.scoring.queries import checks


def _watched(periods: Sequence[Period], what: str) -> Iterable[Period]:
    """The periods with a progress bar, where somebody watches."""
    return tqdm(periods, desc=what, unit="月", disable=None)


@click.group("scoring")
def group() -> None:
    """The sums and what is shown of them."""


@group.command("rebuild")
def rebuild() -> None:
    """Derive every sum anew from the ratings, all of it or nothing."""
    with database.transaction() as session:
        for period in _watched(checks.chunks(session), "重算"):
            actions.rebuild_sums(session, period)
        actions.rebuild_totals(session)
        verdict = checks.differences(session)
        if verdict.differences:
            raise click.ClickException(
                f"重算后仍有{verdict.differences}格与评价不符,没有保存。不符:{'、'.join(verdict.examples)}"
            )
    database.count_rows_anew()
    click.echo(f"已由 {verdict.ratings} 条评价重算全部汇总,与评价逐格相符。")
