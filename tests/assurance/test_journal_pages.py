"""The auditor reads the journal, takes it out as a file, and changes nothing; nobody else sees it."""

import ast
import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from evalsys.assurance import exports
from evalsys.assurance.rules.journal import OBJECT_WORDS, SEE_JOURNAL, VERB_WORDS
from evalsys.identity.queries.accounts import actor_named
from evalsys.kernel import journal
from evalsys.kernel.models import JournalEntry
from tests.assurance.tampering import laid_open
from tests.builders import an_account, signed_in
from tests.conftest import Inside
from tests.pages import PageClient

# How pages look and refuse is the same on every engine.
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"])
SOURCES = Path(journal.__file__).resolve().parents[1]
# Verbs that are put together where they are recorded.
PUT_TOGETHER = {
    "assurance/actions/standing.py": {"agree-standing", "refuse-standing"},
    "dashboards/actions/bulletins.py": {"approve-bulletin", "publish-bulletin", "drop-bulletin"},
    "privacy/actions/redacting.py": {"agree-redaction", "refuse-redaction"},
    "worktime/actions.py": {"load-calendar", "settle-calendar"},
}


@pytest.fixture
def written(committed: Inside) -> None:
    """A contact that was read, and an object that a spreadsheet would take for a formula."""

    def write(session: Session) -> None:
        reader = actor_named(session, an_account(session, "callback-officer"))
        journal.record(session, reader, "read-contact", "case 20260302-0001", "回访时核对号码", contact=1)
        journal.record(session, None, "purge-contacts", "=1+1", "@SUM(A1)", count=3)

    committed(write)


def page(client: PageClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def test_the_auditor_sees_who_did_what_and_why(app: Flask, written: None) -> None:
    text = page(signed_in(app, "auditor"), "/admin/journal")
    assert "查看联系方式" in text
    assert "回访时核对号码" in text
    assert "整改单20260302-0001" in text
    assert "清除到期的联系方式" in text
    assert "与写下时不同" not in text


@ON_SQLITE
def test_what_is_empty_in_an_entry_is_not_spelled_out(app: Flask, committed: Inside) -> None:
    committed(
        lambda session: journal.record(session, None, "add-device", "device 7", kind="kiosk", window=None)
    )
    text = page(signed_in(app, "auditor"), "/admin/journal")
    assert "kind=kiosk" in text
    assert "window=" not in text


def test_who_read_a_contact_has_a_page_of_its_own(app: Flask, written: None) -> None:
    text = page(signed_in(app, "auditor"), "/admin/journal/contacts")
    assert "回访时核对号码" in text
    assert "清除到期的联系方式" not in text


@ON_SQLITE
@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ("verb=read-contact", 1),
        ("object=case+20260302-0001", 1),
        ("verb=read-contact&actor=system", 0),
        ("verb=purge-contacts&actor=system", 1),
        ("from=2020-01-01&to=2020-01-02", 0),
    ],
)
def test_it_is_narrowed_by_act_person_object_and_day(
    app: Flask, written: None, asked: str, rows: int
) -> None:
    text = page(signed_in(app, "auditor"), f"/admin/journal?{asked}")
    assert text.count('<th scope="row">') == rows


@ON_SQLITE
def test_an_account_is_asked_for_by_its_name_and_nonsense_is_refused(app: Flask, written: None) -> None:
    auditor = signed_in(app, "auditor")
    listed = page(auditor, "/admin/journal?verb=read-contact&actor=callback-officer.TAX")
    assert "回访时核对号码" in listed
    assert auditor.get("/admin/journal?actor=nobody-of-this-name").status_code == 422
    assert auditor.get("/admin/journal?verb=nonsense").status_code == 422
    assert auditor.get("/admin/journal?before=x").status_code == 422
    assert auditor.get("/admin/journal?from=x").status_code == 422


def test_it_is_read_page_by_page_without_a_gap(app: Flask, committed: Inside) -> None:
    def many(session: Session) -> None:
        for number in range(120):
            journal.record(session, None, "read-ratings", f"number {number}")

    committed(many)
    auditor, address, seen = signed_in(app, "auditor"), "/admin/journal?verb=read-ratings", list[str]()
    while address:
        text = page(auditor, address)
        seen += re.findall(r">number (\d+)<", text)
        onward = re.search(r'rel="next" href="(\?[^"]+)"', text)
        address = f"/admin/journal{onward[1]}".replace("&amp;", "&") if onward else ""
    assert [int(number) for number in seen] == list(reversed(range(120)))


@ON_SQLITE
def test_a_link_that_was_changed_or_lost_its_neighbour_is_marked(app: Flask, committed: Inside) -> None:
    def tamper(session: Session) -> None:
        for number in range(5):
            journal.record(session, None, "read-ratings", f"number {number}")
        laid_open(session)
        of = {row.object: row.id for row in session.execute(select(JournalEntry.id, JournalEntry.object))}
        session.execute(
            update(JournalEntry).where(JournalEntry.id == of["number 1"]).values(reason="later added")
        )
        session.execute(delete(JournalEntry).where(JournalEntry.id == of["number 3"]))

    committed(tamper)
    text = page(signed_in(app, "auditor"), "/admin/journal?verb=read-ratings")
    assert text.count("与写下时不同") == 1
    assert text.count("前一条没有了") == 1
    assert text.count("✓ 完好") == 2


def of_file(client: PageClient, kind: str, asked: str = "") -> bytes:
    answer = client.get(f"/admin/journal.{kind}?{asked}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    return answer.get_data()


@ON_SQLITE
def test_a_number_looked_for_does_not_get_into_what_is_never_changed(app: Flask, written: None) -> None:
    auditor = signed_in(app, "auditor")
    of_file(auditor, "json", "object=13900001111&from=2020-01-01")
    assert auditor.get("/comments?looked-for=13900001111").status_code == 200
    text = page(auditor, "/admin/journal")
    assert ("13900001111" in text, text.count("[已隐去]"), "from=2020-01-01" in text) == (False, 2, True)


@ON_SQLITE
def test_an_address_made_up_is_refused_or_led_to_the_beginning(app: Flask, written: None) -> None:
    auditor = signed_in(app, "auditor")
    for mark, status in (("x", 422), ("1.x", 422), (f"1.{'9' * 30}", 200), (f"1.-{'9' * 30}", 200)):
        assert auditor.get(f"/admin/journal?before={mark}").status_code == status, mark


def test_its_files_hold_every_entry_and_are_journaled_themselves(app: Flask, written: None) -> None:
    auditor = signed_in(app, "auditor")
    rows = json.loads(of_file(auditor, "json"))
    assert rows[0]["verb"] == "export-journal"
    with app.app_context():
        before = journal.BEGINNING
        for row in reversed(rows):
            facts = {name: row[name] for name in journal.FACTS}
            assert row["prev_hash"] == before
            assert row["hash"] == journal.entry_hash(before, datetime.fromisoformat(row["at"]), facts)
            before = row["hash"]
    table = list(csv.DictReader(io.StringIO(of_file(auditor, "csv").decode("utf-8-sig"))))
    assert len(table) == len(rows) + 1
    sheet = openpyxl.load_workbook(io.BytesIO(of_file(auditor, "xlsx")), read_only=True)["journal"]
    assert sum(1 for _ in sheet.iter_rows()) == len(rows) + 3


@ON_SQLITE
def test_no_cell_of_its_files_is_a_formula(app: Flask, written: None) -> None:
    auditor = signed_in(app, "auditor")
    (row,) = csv.DictReader(io.StringIO(of_file(auditor, "csv", "verb=purge-contacts").decode("utf-8-sig")))
    assert (row["object"], row["reason"]) == ("'=1+1", "'@SUM(A1)")
    (kept,) = json.loads(of_file(auditor, "json", "verb=purge-contacts"))
    assert (kept["object"], kept["reason"]) == ("=1+1", "@SUM(A1)")
    assert json.loads(of_file(auditor, "json", "verb=drop-refusal")) == []


@ON_SQLITE
def test_more_than_a_workbook_holds_is_refused_with_a_way_out(
    app: Flask, written: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_IN_WORKBOOK", 1)
    answer = signed_in(app, "auditor").get("/admin/journal.xlsx")
    assert answer.status_code == 422
    assert "请缩短日期" in answer.get_data(as_text=True)


@ON_SQLITE
def test_a_long_journal_is_given_out_in_pieces(app: Flask, committed: Inside) -> None:
    def many(session: Session) -> None:
        for number in range(1100):
            journal.record(session, None, "read-ratings", f"number {number}")

    committed(many)
    rows = json.loads(of_file(signed_in(app, "auditor"), "json", "verb=read-ratings"))
    assert [row["object"] for row in rows] == [f"number {number}" for number in reversed(range(1100))]


@ON_SQLITE
def test_only_the_auditor_reads_it(app: Flask, written: None) -> None:
    assert SEE_JOURNAL.roles == {"auditor"}
    for role in ("supervisor", "leadership", "data-steward", "system-admin"):
        client = signed_in(app, role)
        for address in ("/admin/journal", "/admin/journal/contacts", "/admin/journal.csv"):
            assert client.get(address).status_code == 403, (role, address)


def verbs_in(path: Path) -> Iterator[str | None]:
    """The verbs a module records; None where one is put together."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "journal.record":
            verb = call.args[2]
            choices = [verb.body, verb.orelse] if isinstance(verb, ast.IfExp) else [verb]
            for choice in choices:
                yield choice.value if isinstance(choice, ast.Constant) else None


def test_every_verb_that_is_recorded_anywhere_has_its_words() -> None:
    recorded: dict[str, set[str]] = {}
    for path in sorted(SOURCES.rglob("*.py")):
        name = path.relative_to(SOURCES).as_posix()
        for verb in verbs_in(path):
            assert verb is not None or name in PUT_TOGETHER, f"{name} puts a verb together"
            recorded.setdefault(name, set()).update(PUT_TOGETHER[name] if verb is None else {verb})
    said = set().union(*recorded.values())
    assert said - VERB_WORDS.keys() == set(), "say in the hall's words what these do"
    assert all("%(name)s" in words for words in OBJECT_WORDS.values())
