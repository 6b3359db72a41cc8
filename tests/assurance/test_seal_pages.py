"""Anybody can look at the seals, and whoever holds a receipt can prove that it is in one of them."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from evalsys.assurance.queries import seals
from evalsys.assurance.rules.seals import Anchor
from evalsys.evaluation.actions.reasons import explain_rating
from evalsys.evaluation.actions.standing import Decision, decide_standing
from evalsys.evaluation.queries import entries, ratings
from evalsys.evaluation.rules import Explanation
from evalsys.kernel import secrets
from evalsys.kernel.database import db
from tests.assurance.sealed_sites import MORNING, sealed_all, two_people
from tests.builders import a_clerk, a_rating, a_window, around, on_duty
from tests.conftest import Inside
from tests.pages import PageClient

CHECKER = Path(__file__).resolve().parents[2] / "docs" / "verify_receipt.py"
CODE = "7K3M9QXD4TWZ"
NOTES = MORNING + timedelta(days=2)


@pytest.fixture
def sealed(committed: Inside) -> None:
    """A rating with reasons, explained by a later sentence, held by two people, among others of its day."""

    def make(session: Session) -> None:
        window = a_window(session)
        on_duty(session, window, a_clerk(session), *around(MORNING))
        receipt = secrets.digest(secrets.spelled(CODE))
        root = a_rating(session, window, 2, at=MORNING, receipt_hash=receipt).root
        for _ in range(5):
            a_rating(session, window, at=MORNING)
        words = Explanation(tags=(), text="等了</script>很久")
        explain_rating(session.connection(), receipt, words, MORNING)
        sealed_all(session, MORNING + timedelta(days=1))
        one, other = two_people(session)
        decide_standing(session.connection(), root, "held", Decision("正在核实", one, other, NOTES))
        sealed_all(session, NOTES + timedelta(days=1))
        decide_standing(session.connection(), root, "counted", Decision("核实了", one, other, NOTES))

    committed(make)


def test_the_receipt_leads_to_its_proof_once_it_is_sealed(client: PageClient, sealed: None) -> None:
    receipt = client.get(f"/receipt/{CODE}").get_data(as_text=True)
    assert f"/receipt/{CODE[:4]}-{CODE[4:8]}-{CODE[8:]}/proof" in receipt
    answer = client.get(f"/receipt/{CODE}/proof")
    page = answer.get_data(as_text=True)
    assert "评价:不满意" in page
    assert "封存在2026年3月2日" in page
    assert "共13条" in page
    assert "还有1条新的内容" in page
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "</script>很久" not in page


def test_a_receipt_that_is_not_sealed_has_no_proof_yet(client: PageClient, committed: Inside) -> None:
    receipt = secrets.digest(secrets.spelled(CODE))
    committed(lambda session: a_rating(session, a_window(session), receipt_hash=receipt))
    assert "/proof" not in client.get(f"/receipt/{CODE}").get_data(as_text=True)
    assert client.get(f"/receipt/{CODE}/proof").status_code == 404
    assert client.get(f"/receipt/{CODE}/proof.json").status_code == 404


def checked(*files: Path) -> subprocess.CompletedProcess[str]:
    """What the public script says, run by a Python that knows nothing of the site."""
    return subprocess.run(
        [sys.executable, "-I", CHECKER, *files], capture_output=True, text=True, check=False, encoding="utf-8"
    )


def test_anybody_can_check_a_proof_without_the_site(client: PageClient, sealed: None, tmp_path: Path) -> None:
    proof, anchor = tmp_path / "proof.json", tmp_path / "anchor.json"
    proof.write_bytes(client.get(f"/receipt/{CODE}/proof.json").data)
    anchor.write_bytes(client.get("/seals/anchor.json").data)
    done = checked(proof, anchor)
    assert (done.returncode, done.stdout.count(" OK\n")) == (0, 3), done.stdout + done.stderr

    told = json.loads(proof.read_text(encoding="utf-8"))
    told["proofs"][0]["entry"] = told["proofs"][0]["entry"].replace('"level":2', '"level":5')
    proof.write_text(json.dumps(told), encoding="utf-8")
    assert (checked(proof).returncode, checked(proof).stdout.count(" WRONG\n")) == (1, 1)


def test_a_proof_of_seals_that_were_never_published_is_seen(
    client: PageClient, sealed: None, tmp_path: Path
) -> None:
    proof, anchor = tmp_path / "proof.json", tmp_path / "anchor.json"
    proof.write_bytes(client.get(f"/receipt/{CODE}/proof.json").data)
    kept = json.loads(client.get("/seals/anchor.json").data)
    kept["seals"][-1]["seal"] = "00" * 32
    anchor.write_text(json.dumps(kept), encoding="utf-8")
    done = checked(proof, anchor)
    assert done.returncode == 1
    assert "NOT AS PUBLISHED" in done.stdout


def test_the_program_in_the_documents_is_the_one_that_is_given_out_and_short(client: PageClient) -> None:
    assert client.get("/seals/verify_receipt.py").data == CHECKER.read_bytes()
    assert len(CHECKER.read_text(encoding="utf-8").splitlines()) <= 40


def test_a_proof_says_nothing_about_clerks_deciders_and_others(
    app: Flask, client: PageClient, sealed: None
) -> None:
    told = json.loads(client.get(f"/receipt/{CODE}/proof.json").data)
    said = [json.loads(proof["entry"]) for proof in told["proofs"]]
    with app.app_context():
        root = ratings.root_of_receipt(db.session(), secrets.digest(secrets.spelled(CODE)))
    assert [entry["about"] for entry in said] == [
        ["rating", root, 0],
        ["reasons", root, 1],
        ["standing", root, 1],
    ]
    names = {name for entry in said for name in entry["says"]}
    assert names & {"staff_id", "proposed_by", "decided_by", "salt", "text", "cause"} == set()
    assert names & set(entries.SUBMISSION) == set(), "hashes of what was sent, that anybody could try"
    assert len({entry["blind"] for entry in said}) == 3


def test_the_seals_are_public_and_the_anchor_is_all_of_them(
    app: Flask, client: PageClient, sealed: None
) -> None:
    with app.app_context():
        days = seals.sealed_days(db.session())
    assert [day.day for day in days] == [date(2026, 3, 4), date(2026, 3, 3), date(2026, 3, 2)]
    page = client.get("/seals").get_data(as_text=True)
    assert all(day.seal.hex(" ", 4) in page and day.root.hex(" ", 4) in page for day in days)
    assert Anchor.read(client.get("/seals/anchor.json").get_data(as_text=True)).days == tuple(days)
    earlier = client.get("/seals?before=2026-03-03").get_data(as_text=True)
    assert "2026年3月2日" in earlier
    assert "2026年3月3日" not in earlier
    assert client.get("/seals?before=never").status_code == 200


def test_a_site_without_sealed_days_says_so(client: PageClient) -> None:
    assert "还没有封存的日子" in client.get("/seals").get_data(as_text=True)
