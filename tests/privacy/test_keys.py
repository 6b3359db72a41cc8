"""Contacts outlive a change of keys: sealed anew piece by piece, and nothing is lost on the way."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.app import create_app
from evalsys.kernel import clock, receivers, sealing
from evalsys.kernel.database import db, transaction
from evalsys.kernel.models import JournalEntry
from evalsys.kernel.settings import Settings
from evalsys.privacy import cli
from evalsys.privacy.actions import resealing
from evalsys.rectification.actions.contacts import keep_contact, open_contact
from evalsys.rectification.models import Case, Contact
from evalsys.rectification.rules.citizens import GivenContact
from tests.rectification.desks import cases_standing
from tests.rectification.people import somebody

OLD, NEW = (f"{name}:{base64.b64encode(bytes([n]) * 32).decode()}" for n, name in ((1, "old"), (2, "new")))
PEOPLE = 5

# What is of one engine's making is tested on both; the pages are the same.
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"])


@contextmanager
def site(settings: Settings, keys: str) -> Iterator[Flask]:
    """The site with some keys at hand."""
    app = create_app(replace(settings, contact_keys=receivers.keys(keys)))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def leave(session: Session) -> None:
    """Some cases, each with a contact."""
    cases_standing(session, *[None] * PEOPLE)
    for case_id in session.execute(select(Case.id)).scalars().all():
        given = GivenContact(f"1381234{case_id:04}", "王女士")
        keep_contact(session.connection(), case_id, None, given, at=clock.now())


@pytest.fixture
def under_old(site_settings: Settings) -> Settings:
    with site(site_settings, OLD), transaction() as session:
        leave(session)
    return site_settings


def read_all(session: Session) -> list[str]:
    supervisor = somebody(session, "supervisor")
    rows = session.execute(select(Contact.case_id, Contact.id).order_by(Contact.id)).all()
    return [
        open_contact(session, row.case_id, row.id, supervisor, "核对", now=clock.now()).phone for row in rows
    ]


def ids_of_keys(session: Session) -> list[str]:
    blobs = session.execute(select(Contact.sealed).order_by(Contact.id)).scalars()
    return [sealing.key_id_of(blob) for blob in blobs if blob is not None]


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.group, arguments)
    return done.exit_code, done.output


def test_every_contact_is_sealed_under_the_first_key_and_still_read(under_old: Settings) -> None:
    with site(under_old, f"{NEW},{OLD}"):
        assert "密钥 old(旧的):5条" in run("keys")[1]
        code, said = run("reseal")
        assert code == 0
        assert "换了5条" in said
        assert "密钥 old(旧的):0条\n  已不再需要" in said
        assert "换了0条,5条本来就是这样。" in run("reseal")[1]
        with transaction() as session:
            (entry,) = session.execute(select(JournalEntry).where(JournalEntry.verb == "reseal")).scalars()
            assert '"count": 5' in entry.details
    with site(under_old, NEW), transaction() as session:
        assert ids_of_keys(session) == ["new"] * PEOPLE
        assert read_all(session) == [
            f"1381234{row.case_id:04}" for row in session.execute(select(Contact.case_id))
        ]


@ON_SQLITE
def test_stopped_in_the_middle_it_goes_on(under_old: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resealing, "PIECE", 2)
    with site(under_old, f"{NEW},{OLD}"):
        assert next(resealing.reseal_all()).renewed == 2
        with transaction() as session:
            assert ids_of_keys(session) == ["new", "new", "old", "old", "old"]
            # With both at hand everybody is read, whichever key is theirs.
            assert len(read_all(session)) == PEOPLE
        assert "换了3条,2条本来就是这样。" in run("reseal")[1]


@ON_SQLITE
def test_without_the_old_key_nothing_is_touched_and_it_says_which_is_missing(under_old: Settings) -> None:
    with site(under_old, NEW):
        with transaction() as session:
            before = session.execute(select(Contact.sealed)).scalars().all()
        assert "密钥 old(缺少,请找回):5条" in run("keys")[1]
        code, said = run("reseal")
        assert code == 1
        assert "5条没有动:打不开:缺少编号为“old”的密钥。" in said
        with transaction() as session:
            assert session.execute(select(Contact.sealed)).scalars().all() == before
    with site(under_old, f"{NEW},{OLD}"):
        assert run("reseal")[0] == 0


@ON_SQLITE
def test_one_that_was_tampered_with_stops_nobody_else(under_old: Settings) -> None:
    with site(under_old, f"{NEW},{OLD}"):
        with transaction() as session:
            first = session.execute(select(Contact.id, Contact.sealed).order_by(Contact.id)).first()
            assert first is not None
            assert first.sealed is not None
            broken = first.sealed[:-1] + bytes([first.sealed[-1] ^ 1])
            session.execute(update(Contact).where(Contact.id == first.id).values(sealed=broken))
        code, said = run("reseal")
        assert (code, "换了4条" in said, "1条没有动:打不开:内容被改动过" in said) == (1, True, True)
        with transaction() as session:
            assert ids_of_keys(session) == ["old", "new", "new", "new", "new"]
