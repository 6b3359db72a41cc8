"""`evalsys scoring …` and `evalsys verify`."""

import json
import sys
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
    click.echo(f"已由 {verdict.ratings} 条评价重算全部汇总,与评价逐格相符。")


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Only the last line, for programs.")
def verify(as_json: bool) -> None:
    """Compare every sum with the ratings; exit 1 on any difference."""
    # A plain reading session: ratings go on being taken meanwhile.
    session = database.db.session()
    verdict = checks.differences(session, _watched(checks.chunks(session), "核对"))
    if not as_json:
        for cell in verdict.examples:
            click.echo(f"不符:{cell}")
        if verdict.differences:
            click.echo("汇总与评价不符。请运行 evalsys scoring rebuild,并查明原因。")
        else:
            click.echo("每一格汇总都与评价相符。")
    click.echo(
        json.dumps({"ratings": verdict.ratings, "rows": verdict.rows, "differences": verdict.differences})
    )
    sys.exit(1 if verdict.differences else 0)
