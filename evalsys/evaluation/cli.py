"""`evalsys evaluation …`: what the operator does with ratings and their codes."""

import time
from collections.abc import Sequence
from pathlib import Path

import click
from sqlalchemy.orm import Session
from tqdm import tqdm

from evalsys.evaluation.actions import codes as actions
from evalsys.evaluation.codes import orders, printing
from evalsys.evaluation.codes.orders import Order
from evalsys.evaluation.codes.refusals import NotPrintable, Unreachable
from evalsys.evaluation.codes.sheets import LABELS_ON_A_SHEET, Format, Layout
from evalsys.evaluation.queries import codes as queries
from evalsys.evaluation.queries.codes import CurrentCode
from evalsys.kernel import clock, database, settings, site
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.refusals import Refused


@click.group("evaluation")
def group() -> None:
    """评价:窗口评价码。"""


@group.command("codes")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="放文件的文件夹")
@click.option("--hall", default="", help="只印这个大厅(代码)")
@click.option("--window", "windows", multiple=True, help="只印这些窗口(编号或代码,可重复)")
@click.option(
    "--format", "kind", type=click.Choice([each.value for each in Format]), default="pdf", show_default=True
)
@click.option("--layout", type=click.Choice([each.value for each in Layout]), default="a4", show_default=True)
@click.option(
    "--start", type=click.IntRange(1, LABELS_ON_A_SHEET), default=1, show_default=True, help="标签从第几枚起"
)
@click.option("--yes", is_flag=True, help="地址不适合群众扫码也要印")
def codes(
    *, out: Path, hall: str, windows: Sequence[str], kind: str, layout: str, start: int, yes: bool
) -> None:
    """印窗口评价码:海报、立牌或标签。"""
    began = time.monotonic()
    base = settings.current().base_url
    try:
        with database.transaction() as session:
            demo = site.is_demo(session)
            orders.check_address(base, demo=demo, insisted=yes)
            chosen = _chosen(session, hall, windows)
    except Unreachable as refusal:
        raise click.ClickException(f"{refusal}请先设好EVALSYS_BASE_URL;确实要印,加--yes。") from refusal
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    order = Order(Layout(layout), Format(kind), start)
    posters = tqdm([code.poster(base) for code in chosen], desc="绘制评价码", unit="张")
    out.mkdir(parents=True, exist_ok=True)
    written = 0
    for file in printing.files(posters, order.sheet(clock.now(), demo=demo), order.kind):
        (out / file.name).write_bytes(file.content)
        written += 1
    click.echo(f"{len(chosen)}个窗口的码 → {out}({written}个文件,{time.monotonic() - began:.1f}秒)")


def _chosen(session: Session, hall: str, windows: Sequence[str]) -> list[CurrentCode]:
    """The valid codes asked for; windows that have none yet are given their first."""
    actions.ensure_codes(session, clock.now())
    known = queries.current_codes(session, EVERYTHING, clock.today())
    if hall:
        known = [code for code in known if code.place.hall_code == hall]
        if not known:
            raise NotPrintable("没有代码是“{hall}”的大厅,或者它还没有窗口。", hall=hall)
    names = {name for code in known for name in code.names}
    unknown = [window for window in windows if window not in names]
    if unknown:
        raise NotPrintable("没有这些窗口:{windows}。", windows="、".join(unknown))
    chosen = queries.printable(known, windows)
    if not chosen:
        raise NotPrintable("没有可以印的码:还没有窗口,或者它们的码都停用了。")
    return chosen
