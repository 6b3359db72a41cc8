"""Paper forms: typed in once, by somebody outside the rated unit, counted on the day they state."""

import io
import re
from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Attribution, PaperForm, Rating, RatingTag, RatingText
from evalsys.evaluation.queries import counted
from evalsys.identity.models import Account, AccountRole
from evalsys.kernel import clock, files
from evalsys.kernel.models import JournalEntry, StoredFile
from evalsys.kernel.settings import Settings
from evalsys.organisation.models import Unit
from evalsys.scoring.queries.checks import differences
from tests.builders import a_clerk, a_unit, a_window, on_duty, signed_in
from tests.conftest import Inside
from tests.pages import PageClient

URL = "/admin/paper"


def a_picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    """A photograph that tells where it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    exif.get_ifd(0x8825)[1] = "N"
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(file, kind, exif=exif)
    return file.getvalue()


@pytest.fixture
def hall(committed: Inside) -> None:
    def make(session: Session) -> None:
        window = a_window(session)
        starts_at = clock.at(clock.today(), time(0, 1))
        on_duty(session, window, a_clerk(session), starts_at, starts_at + timedelta(hours=23))
        a_window(session, "31", "SOC")

    committed(make)


@pytest.fixture
def helper(app: Flask, hall: None) -> PageClient:
    return signed_in(app, "helper", "GUIDE")


def days_from_now(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


def token_of(client: PageClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(URL).get_data(as_text=True))
    assert found
    return found[1]


def enter(
    client: PageClient, scan: bytes | None = None, name: str = "scan.jpg", **other: Any
) -> tuple[int, str]:
    said = {
        "csrf_token": token_of(client),
        "serial": "P-0017",
        "window": "24",
        "day": clock.today().isoformat(),
        "half_day": "am",
        "channel": "back-to-back",
        "level": "2",
        **other,
    }
    said["scan"] = (io.BytesIO(a_picture() if scan is None else scan), name)
    answer = client.post(URL, data=said, follow_redirects=True)
    return answer.status_code, answer.get_data(as_text=True)


def ratings(committed: Inside) -> int:
    return committed(lambda session: session.scalar(select(func.count()).select_from(Rating)))


def test_a_form_counts_as_the_citizen_wrote_it(helper: PageClient, committed: Inside) -> None:
    status, page = enter(helper, tags=["209", "210"], text="排队太久")
    assert (status, "已录入并计入统计" in page) == (200, True)

    def stands(session: Session) -> None:
        rating = session.scalars(select(Rating)).one()
        assert (rating.entry, rating.channel, rating.evidence, rating.origin) == (
            "paper",
            "back-to-back",
            "C",
            "citizen",
        )
        assert (rating.level, rating.counts_on, rating.half_day) == (2, clock.today(), "am")
        assert session.scalars(select(RatingTag.tag).order_by(RatingTag.tag)).all() == ["209", "210"]
        assert session.scalar(select(RatingText.text)) == "排队太久"
        assert session.scalar(select(Attribution.how)) == "rota"
        assert session.execute(counted.counted_ratings()).one().bound is not True
        assert differences(session).differences == 0

    committed(stands)


def test_one_form_is_one_rating(helper: PageClient, committed: Inside) -> None:
    enter(helper)
    assert "没有重复计算" in enter(helper, serial="p-0017 ")[1]
    assert enter(helper, level="5")[0] == 409
    assert enter(helper, day=days_from_now(-1))[0] == 409
    assert ratings(committed) == 1
    assert enter(helper, serial="P-0018")[0] == 200
    assert ratings(committed) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"serial": ""},
        {"serial": "纸 17"},
        {"window": "99"},
        {"window": ""},
        {"day": ""},
        {"half_day": ""},
        {"half_day": "pm", "at": "09:30"},
        {"channel": ""},
        {"channel": "fax"},
        {"level": ""},
        {"level": "0"},
        {"level": "6"},
        {"tags": ["517"]},
        {"text": "长" * 151},
        {"scan": b""},
        {"scan": b"<html>"},
        {"scan": b"\x89PNG\r\n\x1a\nbroken"},
    ],
)
def test_what_does_not_fit_is_refused_and_kept_on_the_page(
    helper: PageClient, committed: Inside, wrong: dict[str, Any]
) -> None:
    status, page = enter(helper, **({"text": "原话"} | wrong))
    assert status == 422
    assert "错误:" in page
    assert "serial" in wrong or 'value="P-0017"' in page
    assert ratings(committed) == 0


def test_a_form_of_tomorrow_is_refused_and_kept_on_the_page(helper: PageClient, committed: Inside) -> None:
    status, page = enter(helper, day=days_from_now(1), text="原话")
    assert (status, "错误:" in page) == (422, True)
    assert 'value="P-0017"' in page
    assert ratings(committed) == 0


def test_a_form_is_too_old_after_five_working_days(helper: PageClient, committed: Inside) -> None:
    status, page = enter(helper, day=days_from_now(-16))
    assert (status, "5个工作日" in page) == (409, True)
    assert ratings(committed) == 0


def test_nobody_types_in_a_rating_of_their_own_unit(
    app: Flask, helper: PageClient, committed: Inside
) -> None:
    assert enter(signed_in(app, "helper", "TAX"))[0] == 403

    def below(session: Session) -> None:
        """A section of the tax office."""
        section = a_unit(session, "TAX-1", "办税科")
        session.execute(update(Unit).where(Unit.id == section).values(parent_id=a_unit(session)))

    committed(below)
    assert enter(signed_in(app, "supervisor", "TAX-1"))[0] == 403
    assert enter(signed_in(app, "helper", "TAX"), window="31")[0] == 200
    assert ratings(committed) == 1


def test_the_clerks_side_never_does(app: Flask, hall: None, committed: Inside) -> None:
    for role in ("clerk", "window-manager", "department-lead", "leadership", "auditor"):
        assert signed_in(app, role).get(URL).status_code == 403
    client = signed_in(app, "helper", "GUIDE")

    def both(session: Session) -> None:
        account = session.scalars(select(Account).where(Account.name == "helper.GUIDE")).one()
        session.add(AccountRole(account_id=account.id, role="clerk"))

    committed(both)
    assert enter(client)[0] == 403
    assert ratings(committed) == 0


def test_who_served_is_named_only_where_it_is_sure(helper: PageClient, committed: Inside) -> None:
    def another(session: Session) -> None:
        window = session.scalars(select(Rating.window_id)).one()
        built = a_window(session, "40")
        at = clock.at(clock.today(), time(9))
        for number, (starts, hours) in enumerate(((at, 1), (at + timedelta(hours=1), 2))):
            staff = a_clerk(session, f"200{number}", "李强")
            on_duty(session, built, staff, starts, starts + timedelta(hours=hours))
        assert window

    enter(helper)
    committed(another)
    enter(helper, serial="H1", window="40")
    enter(helper, serial="H2", window="40", at="09:30")
    enter(helper, serial="H3", window="31")

    def stands(session: Session) -> None:
        hows = session.execute(
            select(PaperForm.serial, Attribution.how)
            .join(Attribution, Attribution.rating_id == PaperForm.rating_id)
            .order_by(PaperForm.serial)
        )
        assert [tuple(row) for row in hows] == [
            ("H1", "conflict"),
            ("H2", "rota"),
            ("H3", "gap"),
            ("P-0017", "rota"),
        ]
        assert differences(session).differences == 0

    committed(stands)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photograph_is_kept_without_what_it_tells(
    helper: PageClient, committed: Inside, site_settings: Settings, kind: str
) -> None:
    taken = a_picture(kind)
    assert Image.open(io.BytesIO(taken)).getexif()
    enter(helper, taken)

    def stands(session: Session) -> tuple[str, str, int]:
        row = session.scalars(select(StoredFile)).one()
        assert session.scalar(select(PaperForm.scan)) == row.sha256
        return row.sha256, row.kind, row.size

    sha256, suffix, size = committed(stands)
    content = files.place_of(site_settings.instance, sha256, suffix).read_bytes()
    assert len(content) == size
    with Image.open(io.BytesIO(content)) as kept:
        assert kept.format == kind
        assert kept.size == (40, 30)
        assert not kept.getexif()
        assert "exif" not in kept.info


def test_a_pdf_is_kept_as_it_is_and_a_large_file_is_not(helper: PageClient, committed: Inside) -> None:
    assert enter(helper, b"%PDF-1.7\n%%EOF", "scan.pdf")[0] == 200
    with pytest.raises(files.UnfitFile, match="5MB"):
        files.harmless(b"%PDF-" + b"0" * files.LARGEST)
    with pytest.raises(files.UnfitFile):
        files.harmless(a_picture("PNG", (8000, 6000)))
    assert committed(lambda session: session.scalar(select(func.count()).select_from(StoredFile))) == 1


def test_the_journal_knows_who_and_which_form_but_not_what(helper: PageClient, committed: Inside) -> None:
    enter(helper)

    def stands(session: Session) -> None:
        entry = session.scalars(select(JournalEntry).where(JournalEntry.verb == "enter-paper")).one()
        assert entry.object == "paper P-0017"
        assert set(re.findall(r'"(\w+)":', entry.details)) == {"scan"}

    committed(stands)


def test_no_page_shows_who_typed_it_in(app: Flask, helper: PageClient) -> None:
    enter(helper, text="排队太久")
    page = signed_in(app, "supervisor", "DC").get("/comments").get_data(as_text=True)
    assert "排队太久" in page
    assert "helper" not in page
