"""The notice for everybody; and by a receipt what is held about it, to take along or to take back."""

import json
from datetime import datetime
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from evalsys.desk.rules.reports import TYPE_WORDS
from evalsys.evaluation.rules import DONE_WORDS, LEVEL_BY_VALUE, STANDING_WORDS
from evalsys.kernel import clock, secrets, writer
from evalsys.kernel.access import citizen
from evalsys.kernel.database import db
from evalsys.privacy.actions import erasing
from evalsys.privacy.queries import mine
from evalsys.privacy.queries.mine import Mine
from evalsys.privacy.views.blueprint import bp


@bp.get("/privacy")
@citizen
def notice() -> ResponseReturnValue:
    """Say in plain words what is kept of people, why, how long, and what they can do."""
    return render_template("privacy/notice.html")


@bp.get("/receipt/<receipt>/mine")
@citizen
def held(receipt: str) -> ResponseReturnValue:
    """Show everything held behind a receipt."""
    return render_template("privacy/mine.html", **_shown(receipt), is_erased="erased" in request.args)


@bp.get("/receipt/<receipt>/mine.json")
@citizen
def held_file(receipt: str) -> ResponseReturnValue:
    """Give the same out as a file."""
    found = _behind(receipt)
    answer = make_response(json.dumps(found.held, ensure_ascii=False, indent=2) + "\n")
    answer.headers["Content-Type"] = "application/json; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="evalsys-mine.json"'
    return answer


@bp.get("/receipt/<receipt>/erasure")
@citizen
def erasure(receipt: str) -> ResponseReturnValue:
    """Say what goes, what stays and what it means for an open case, before anything is taken back."""
    return render_template("privacy/erasure.html", **_shown(receipt))


@bp.post("/receipt/<receipt>/erasure")
@citizen
def erase(receipt: str) -> ResponseReturnValue:
    """Take words and contact back; a second time changes nothing."""
    found = _behind(receipt)
    if found.root is not None:
        writer.run(erasing.erase_rating, found.root, clock.now())
    elif found.case_id is not None:
        writer.run(erasing.erase_report, found.case_id, clock.now())
    ways: dict[str, Any] = {name: request.args[name] for name in ("lang", "size") if name in request.args}
    return redirect(url_for(".held", receipt=receipt, erased=1, **ways), 303)


def panel(_session: Session, _root: int, _now: datetime) -> tuple[str, dict[str, Any]]:
    """On every receipt: the way to what is held behind it."""
    return "privacy/receipt_panel.html", {}


def _behind(receipt: str) -> Mine:
    return mine.behind(db.session(), receipt) or abort(404)


def _shown(receipt: str) -> dict[str, Any]:
    found = _behind(receipt)
    plain = secrets.spelled(receipt)
    back = "evaluation.receipt" if found.root is not None else "desk.followed_report"
    return {
        "receipt": "-".join(plain[place : place + 4] for place in range(0, len(plain), 4)),
        "back": url_for(back, receipt=plain),
        "mine": found,
        "levels": LEVEL_BY_VALUE,
        "done_words": DONE_WORDS,
        "standing_words": STANDING_WORDS,
        "type_words": TYPE_WORDS,
    }
