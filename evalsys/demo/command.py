"""`evalsys demo`: the reference hall with its ratings, where to look at it, and the accounts."""

from collections.abc import Iterator

import click
from tqdm import tqdm

from evalsys.demo.accounts import demo_accounts
from evalsys.demo.build import NotADemo, build
from evalsys.demo.devices import pairing_links
from evalsys.demo.plan import DemoPlan
from evalsys.evaluation.codes.sheets import rating_address
from evalsys.evaluation.queries import codes
from evalsys.kernel import clock, database, settings
from evalsys.kernel.access import EVERYTHING

SHOWN_WINDOWS = ("A06", "B03", "C10")


@click.command("demo")
@click.option("--seed", default=1, show_default=True, help="The same seed draws the same hall.")
@click.option("--ratings", default=60_000, show_default=True, type=click.IntRange(0, 5_000_000))
@click.option("--days", default=90, show_default=True, type=click.IntRange(2, 400))
def command(seed: int, ratings: int, days: int) -> None:
    """Build the demo hall; running again keeps what is there and prints the accounts."""
    wanted = DemoPlan(seed, clock.today(), ratings, days)
    with tqdm(total=ratings, unit="条", desc="演示数据", disable=None) as bar:
        try:
            present = build(wanted, bar.update)
        except NotADemo as refused:
            raise click.ClickException(str(refused)) from refused
    database.count_rows_anew()
    if present != wanted:
        click.echo(
            f"已有演示数据,保持不变(种子{present.seed},{present.today},"
            f"{present.ratings}条评价,{present.days}天)。"
        )
    for line in _addresses(settings.current().base_url):
        click.echo(line)
    with database.transaction() as session:
        for line in pairing_links(session, settings.current().base_url):
            click.echo(line)
    for account in demo_accounts(present.seed):
        click.echo(f"account {account.role} {account.name} {account.password}")


def _addresses(base_url: str) -> Iterator[str]:
    with database.transaction() as session:
        hung = {code.place.number: code for code in codes.current_codes(session, EVERYTHING, clock.today())}
    for number in SHOWN_WINDOWS:
        yield f"评价{number}号窗口 {rating_address(base_url, hung[number].text)}"
    yield f"登录 {base_url}/sign-in"
    yield f"排名(登录后) {base_url}/rankings/windows"
