"""The real server with two workers: what changes in one process is on the next form of all of them."""

import sys
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.evaluation.actions.codes import revoke_code
from evalsys.evaluation.models import Tag, WindowCode
from evalsys.kernel import clock
from evalsys.kernel.settings import Settings
from evalsys.organisation.models import UnitName, Window
from tests.builders import a_unit, a_window, code_of
from tests.conftest import SECRET, Inside
from tests.server import clean_environment, read, serving

CHECKOUT = Path(__file__).resolve().parents[2]
COMMANDS = Path(sys.executable).parent
# Each look is a connection of its own, and either worker may take it: this many meet both.
LOOKS = 40


@pytest.fixture
def served(site_settings: Settings, tmp_path: Path) -> Iterator[str]:
    """The address of a server with two workers in front of the test's own site."""
    environment = clean_environment() | {
        "EVALSYS_INSTANCE": str(site_settings.instance),
        "EVALSYS_DATABASE_URL": site_settings.database,
        "EVALSYS_SECRET_KEY": SECRET,
        "PYTHONPATH": str(CHECKOUT),
    }
    with serving(COMMANDS, tmp_path, environment, options=("--workers", "2", "--no-work")) as address:
        yield address


def looked_at(address: str) -> list[str]:
    """What many phones, one after the other, see."""
    return [seen(address) for _ in range(LOOKS)]


def seen(address: str) -> str:
    """A page, whatever its status."""
    try:
        return read(address)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.read().decode()


def test_a_change_is_on_the_next_form_of_every_worker(served: str, committed: Inside) -> None:
    def open_two(session: Session) -> list[str]:
        windows = [a_window(session, number) for number in ("24", "25")]
        return [code_of(session, window) for window in windows]

    def rename(session: Session) -> None:
        session.add(UnitName(unit_id=a_unit(session), from_day=clock.today(), name="人社局", short_name=""))

    def reword_a_tag(session: Session) -> None:
        tag = session.scalars(select(Tag).where(Tag.level == 5, Tag.shown_first).limit(1)).one()
        tag.plain = "这句是新的"

    def close(session: Session) -> None:
        session.scalars(select(Window).where(Window.number == "24")).one().to_day = clock.today().replace(
            year=2020
        )

    def revoke(session: Session) -> None:
        window = select(Window.id).where(Window.number == "25").scalar_subquery()
        code_id = session.scalars(select(WindowCode.id).where(WindowCode.window_id == window)).one()
        revoke_code(session, code_id, "换新码", clock.now(), None)

    codes = committed(open_two)
    assert isinstance(codes, list)
    first, second = (f"{served}/q/{code}" for code in codes)
    assert all("税务局" in page for page in looked_at(first) + looked_at(second))
    committed(rename)
    assert all("人社局" in page for page in looked_at(first) + looked_at(second))
    committed(reword_a_tag)
    assert all("点一下就提交" in page for page in looked_at(first))
    committed(close)
    assert all("这个窗口已经停用" in page for page in looked_at(first))
    assert all("点一下就提交" in page for page in looked_at(second))
    committed(revoke)
    assert all("这张码已停用" in page for page in looked_at(second))
