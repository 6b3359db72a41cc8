"""Codes in the database: issued once, revoked for a reason, found again by what a phone sends."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.evaluation.actions import codes as actions
from evalsys.evaluation.codes import check
from evalsys.evaluation.codes.orders import State, Wanted
from evalsys.evaluation.codes.refusals import AlreadyRevoked, ReasonNeeded, StillValid
from evalsys.evaluation.models import WindowCode
from evalsys.evaluation.queries import codes
from evalsys.kernel import secrets
from evalsys.kernel.access import EVERYTHING, Scope
from evalsys.kernel.models import JournalEntry, SiteFact
from evalsys.organisation.actions.imports import Source, apply_import
from evalsys.organisation.models import Window
from evalsys.organisation.queries.imports import import_draft
from tests.builders import a_unit, a_window
from tests.organisation.books import SMALL_HALL, book

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
TODAY = date(2026, 3, 2)


@pytest.fixture
def units(session: Session) -> dict[str, int]:
    """A hall of five windows, each with its first code."""
    units = {"XZSP": a_unit(session, "XZSP", "行政审批服务局"), "TAX": a_unit(session)}
    for number in ("A1", "10", "9", "2", "1"):
        a_window(session, number, "TAX" if number in ("10", "A1") else "XZSP")
    actions.ensure_codes(session, AT)
    return units


def current(session: Session, scope: Scope = EVERYTHING) -> list[codes.CurrentCode]:
    return codes.current_codes(session, scope, TODAY)


def test_every_window_gets_one_code_however_often_it_is_asked(
    session: Session, units: dict[str, int]
) -> None:
    assert actions.ensure_codes(session, AT) == 0
    assert [code.place.code for code in current(session)] == ["C-1", "C-2", "C-9", "C-10", "C-A1"]
    assert {code.version for code in current(session)} == {1}


def test_a_window_opened_later_gets_its_code_too(session: Session, units: dict[str, int]) -> None:
    a_window(session, "11")
    assert [place.code for place in codes.windows_without_code(session, EVERYTHING, TODAY)] == ["C-11"]
    assert actions.ensure_codes(session, AT) == 1
    assert codes.windows_without_code(session, EVERYTHING, TODAY) == []


def test_windows_that_are_imported_have_their_codes_at_once(session: Session) -> None:
    draft = import_draft(session, book(SMALL_HALL), TODAY)
    apply_import(session, draft.plan, Source("大厅.xlsx", "0" * 64), None, AT)
    assert len(codes.current_codes(session, EVERYTHING, TODAY)) == 3


def test_a_closed_window_gets_no_code_and_is_not_listed(session: Session, units: dict[str, int]) -> None:
    closed = session.get_one(Window, a_window(session, "12").window_id)
    closed.to_day = TODAY - timedelta(days=1)
    session.flush()
    assert actions.ensure_codes(session, AT) == 0
    assert "C-12" not in {code.place.code for code in current(session)}


def test_a_scan_finds_the_window_whatever_the_case(session: Session, units: dict[str, int]) -> None:
    for code in current(session):
        for text in (code.text, code.text.lower(), code.printed):
            scanned = codes.code_for_scan(session, text)
            assert scanned is not None
            assert (scanned.window_id, scanned.version) == (code.place.window_id, 1)
            assert not scanned.revoked


@pytest.mark.parametrize("text", ["", "7K3M9QXD2PW", "x" * 5000, "'; DROP TABLE ratings; --", "\x00", "７Ｋ"])
def test_a_mistyped_code_is_not_found(session: Session, units: dict[str, int], text: str) -> None:
    assert codes.code_for_scan(session, text) is None


def test_a_code_that_checks_but_was_never_issued_is_not_found(session: Session) -> None:
    key = secrets.code_keys(session)[1]
    assert codes.code_for_scan(session, check.window_code(4711, key)) is None


def test_a_poster_outlives_a_second_key(session: Session, units: dict[str, int]) -> None:
    hanging = current(session)[0]
    session.add(SiteFact(name="code-key-2", value="ab" * 32))
    session.flush()
    printed_now = current(session)[0]
    assert printed_now.text != hanging.text
    for text in (hanging.text, printed_now.text):
        scanned = codes.code_for_scan(session, text)
        assert scanned is not None
        assert scanned.code_id == hanging.code_id


def test_a_revoked_code_says_so_and_its_window_has_nothing_to_print(
    session: Session, units: dict[str, int]
) -> None:
    code = current(session)[0]
    actions.revoke_code(session, code.code_id, " 海报\x00丢失\n", AT, None)
    scanned = codes.code_for_scan(session, code.text)
    assert scanned is not None
    assert scanned.revoked
    listed = current(session)[0]
    assert (listed.is_revoked, listed.reason) == (True, "海报丢失")
    assert code.place.code not in {each.place.code for each in codes.printable(current(session))}


def test_a_reissued_code_is_the_next_version_and_the_old_one_stays_revoked(
    session: Session, units: dict[str, int]
) -> None:
    old = current(session)[0]
    new_id = actions.reissue_code(session, old.code_id, "被人换过", AT, None)
    new = current(session)[0]
    assert (new.code_id, new.version, new.is_revoked) == (new_id, 2, False)
    assert new.text != old.text
    scanned = codes.code_for_scan(session, old.text)
    assert scanned is not None
    assert scanned.revoked


@pytest.mark.parametrize("reason", ["", "  \n", "\x00", "长" * 201])
def test_a_code_is_revoked_for_a_reason_of_some_length_only(
    session: Session, units: dict[str, int], reason: str
) -> None:
    with pytest.raises(ReasonNeeded):
        actions.revoke_code(session, current(session)[0].code_id, reason, AT, None)
    assert not current(session)[0].is_revoked


def test_a_code_is_revoked_once_and_its_first_reason_stands(session: Session, units: dict[str, int]) -> None:
    code_id = current(session)[0].code_id
    actions.revoke_code(session, code_id, "印错", AT, None)
    with pytest.raises(AlreadyRevoked):
        actions.revoke_code(session, code_id, "丢失", AT, None)
    assert current(session)[0].reason == "印错"


def test_a_window_has_one_valid_code_at_a_time(session: Session, units: dict[str, int]) -> None:
    code = current(session)[0]
    with pytest.raises(StillValid):
        actions.issue_code(session, code.place.window_id, AT)
    actions.revoke_code(session, code.code_id, "印错", AT, None)
    actions.issue_code(session, code.place.window_id, AT)
    assert current(session)[0].version == 2


def test_the_first_scan_takes_a_code_off_the_list_of_the_never_scanned(
    session: Session, units: dict[str, int]
) -> None:
    first, second, *_ = current(session)
    actions.mark_scanned(session.connection(), first.code_id, TODAY)
    actions.revoke_code(session, second.code_id, "印错", AT, None)
    never = {code.place.code for code in codes.never_scanned(current(session))}
    assert never == {"C-9", "C-10", "C-A1"}


def test_the_day_of_the_last_scan_never_goes_back(session: Session, units: dict[str, int]) -> None:
    code_id = current(session)[0].code_id
    actions.mark_scanned(session.connection(), code_id, TODAY)
    actions.mark_scanned(session.connection(), code_id, TODAY - timedelta(days=3))
    assert current(session)[0].last_scanned_day == TODAY


def test_a_department_sees_its_own_codes_only(session: Session, units: dict[str, int]) -> None:
    own = Scope(units=frozenset({units["TAX"]}))
    assert {code.place.unit_name for code in current(session, own)} == {"税务局"}
    foreign = next(code for code in current(session) if code.place.unit_name != "税务局")
    assert codes.current_code(session, own, TODAY, foreign.code_id) is None
    assert current(session, Scope()) == []


def test_a_filter_narrows_by_department_hall_and_state(session: Session, units: dict[str, int]) -> None:
    everything = current(session)
    actions.mark_scanned(session.connection(), everything[0].code_id, TODAY)
    everything = current(session)
    assert len(codes.narrowed(everything, Wanted(unit_id=units["TAX"]))) == 2
    assert codes.narrowed(everything, Wanted(hall="X")) == []
    assert len(codes.narrowed(everything, Wanted(state=State.NEVER_SCANNED))) == 4
    assert codes.narrowed(everything, Wanted(state=State.REVOKED)) == []


def test_a_list_has_fifty_a_page_and_stays_in_its_bounds(session: Session, units: dict[str, int]) -> None:
    for number in range(100, 160):
        a_window(session, str(number))
    actions.ensure_codes(session, AT)
    second = codes.listing(session, EVERYTHING, TODAY, Wanted(), 2)
    assert (len(second.codes), second.page, second.pages, second.found) == (15, 2, 2, 65)
    assert codes.listing(session, EVERYTHING, TODAY, Wanted(), 99).page == 2
    assert codes.listing(session, EVERYTHING, TODAY, Wanted(), -1).page == 1
    empty = codes.listing(session, Scope(), TODAY, Wanted(), 1)
    assert (empty.codes, empty.page, empty.pages, empty.all) == ([], 1, 1, 0)


def test_what_is_done_to_codes_is_in_the_journal(session: Session, units: dict[str, int]) -> None:
    actions.reissue_code(session, current(session)[0].code_id, "被人换过", AT, None)
    written = session.execute(select(JournalEntry.verb, JournalEntry.reason).order_by(JournalEntry.id)).all()
    assert [tuple(row) for row in written] == [
        ("issue-codes", None),
        ("revoke-code", "被人换过"),
        ("issue-code", None),
    ]


def test_a_code_is_never_deleted(session: Session, units: dict[str, int]) -> None:
    actions.reissue_code(session, current(session)[0].code_id, "被人换过", AT, None)
    assert len(session.scalars(select(WindowCode)).all()) == 6
