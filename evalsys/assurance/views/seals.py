"""Sealed days for everybody, and on a receipt the proof that it is in one of them."""

from datetime import date, datetime
from typing import Any

from flask import Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from evalsys.assurance.queries import seal_proofs, seals
from evalsys.assurance.rules.seals import Anchor, canonical
from evalsys.assurance.views.blueprint import bp
from evalsys.evaluation.queries import ratings
from evalsys.evaluation.rules import LEVEL_BY_VALUE
from evalsys.kernel import headers, paths, secrets
from evalsys.kernel.access import citizen
from evalsys.kernel.database import db

A_PAGE = 7  # days


@bp.app_template_filter("in_eights")
def in_eights(hashed: bytes) -> str:
    """A hash as people compare it: eight signs at a time."""
    return hashed.hex(" ", 4)


@bp.get("/seals")
@citizen
def sealed_days() -> ResponseReturnValue:
    """Show the sealed days, the latest first."""
    days = seals.sealed_days(db.session(), before=_day(request.args.get("before", "")), most=A_PAGE + 1)
    return render_template("assurance/seals.html", days=days[:A_PAGE], has_more=len(days) > A_PAGE)


@bp.get("/seals/anchor.json")
@citizen
def anchor() -> ResponseReturnValue:
    """Give out all seals as a file, to be kept where nobody here can change it."""
    kept = Anchor(tuple(seals.sealed_days(db.session())))
    return _file(kept.written(), "evalsys-anchor.json")


@bp.get("/seals/verify_receipt.py")
@citizen
def checker() -> ResponseReturnValue:
    """Give out the small program with which anybody checks a proof."""
    program = paths.static_folder() / "seals" / "verify_receipt.py"
    return _file(program.read_text(encoding="utf-8"), program.name, "text/x-python")


@bp.get("/receipt/<receipt>/proof")
@citizen
def proof(receipt: str) -> ResponseReturnValue:
    """Show that what a receipt stands for is sealed; a small script checks it where scripts run."""
    found = _sealed(receipt)
    headers.allow_script()
    return render_template("assurance/proof.html", receipt=receipt, sealed=found, levels=LEVEL_BY_VALUE)


@bp.get("/receipt/<receipt>/proof.json")
@citizen
def proof_file(receipt: str) -> ResponseReturnValue:
    """Give the proof out as a file."""
    return _file(canonical(_sealed(receipt).public()), "evalsys-proof.json")


def panel(session: Session, root: int, _now: datetime) -> tuple[str, dict[str, Any]] | None:
    """What the receipt says once it is sealed; None before."""
    return ("assurance/receipt_panel.html", {}) if seal_proofs.is_sealed(session, root) else None


def _sealed(receipt: str) -> seal_proofs.Sealed:
    session = db.session()
    root = ratings.root_of_receipt(session, secrets.digest(secrets.spelled(receipt)))
    if root is None or not seal_proofs.is_sealed(session, root):
        abort(404)
    return seal_proofs.proofs_of(session, root)


def _file(text: str, name: str, kind: str = "application/json") -> Response:
    answer = make_response(text)
    answer.headers["Content-Type"] = f"{kind}; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
