"""What a rater meets of a case: a panel on the receipt, and small pages to write, confirm, rate again."""

import secrets as chance
from collections.abc import Callable
from datetime import datetime
from typing import Any, Concatenate, ParamSpec

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from wtforms import Form

from evalsys.evaluation.forms import LevelForm
from evalsys.evaluation.queries import ratings
from evalsys.evaluation.rules import LEVEL_BY_VALUE, LEVELS
from evalsys.kernel import clock, secrets, writer
from evalsys.kernel.access import citizen as of_citizens
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_
from evalsys.rectification.actions import confirming, contacts, messages
from evalsys.rectification.forms import ConfirmationForm, ContactForm, LetterForm
from evalsys.rectification.queries import citizen
from evalsys.rectification.rules.fields import SATISFIED_WORDS, SOLVED_WORDS
from evalsys.rectification.views.blueprint import bp

P = ParamSpec("P")

# What the receipt says once something was kept; `kept` in its address names which.
KEPT = {
    "message": N_("留言已收到,由督查员转达。答复也在本页。"),
    "contact": N_("联系方式已加密保存。"),
    "withdrawn": N_("联系方式已删除。"),
    "confirm": N_("您的意见已收到,谢谢。"),
    "follow-up": N_("追评已收到,和原来的评价并列保存,不改动原来的。"),
    "mistake": N_("您的答复已收到,谢谢。"),
}


def panel(session: Session, root: int, now: datetime) -> tuple[str, dict[str, Any]] | None:
    """What the receipt shows of the case about a rating; None where there is none."""
    case = citizen.case_of_citizen(session, root, now)
    if case is None:
        return None
    content = {
        "case": case,
        "solved": SOLVED_WORDS,
        "handling": SATISFIED_WORDS,
        "levels": LEVEL_BY_VALUE,
        "notice": KEPT.get(request.args.get("kept", "")),
        # Before the questions why, once there is an answer or something to say.
        "comes_first": bool(case.reply or case.messages or case.asks_mistake or _has_kept_something()),
    }
    return "rectification/citizen/panel.html", content


def _has_kept_something() -> bool:
    """Whether one of the pages below has just sent its reader back to the receipt."""
    return request.args.get("kept", "") in KEPT


@bp.get("/receipt/<receipt>/messages")
@of_citizens
def messages_page(receipt: str) -> ResponseReturnValue:
    """Show the messages with the desk, and a form for another."""
    return _page("messages", receipt, key=_key())


@bp.post("/receipt/<receipt>/messages")
@of_citizens
def write(receipt: str) -> ResponseReturnValue:
    """Take a message for the desk."""
    root, form = _root(receipt), LetterForm(request.form)
    if not form.validate():
        return _page("messages", receipt, form, key=form.key.data or _key()), 422
    return _kept(
        "message", receipt, messages.write_as_citizen, root, form.words(), form.key.data or "", clock.now()
    )


@bp.get("/receipt/<receipt>/contact")
@of_citizens
def contact_page(receipt: str) -> ResponseReturnValue:
    """Ask how the rater wants to be reached, if at all."""
    return _page("contact", receipt)


@bp.post("/receipt/<receipt>/contact")
@of_citizens
def give_contact(receipt: str) -> ResponseReturnValue:
    """Keep how the rater wants to be reached."""
    root, form = _root(receipt), ContactForm(request.form)
    if not form.validate():
        return _page("contact", receipt, form), 422
    return _kept("contact", receipt, contacts.give_contact, root, form.contact(), clock.now())


@bp.post("/receipt/<receipt>/contact/withdrawal")
@of_citizens
def withdraw_contact(receipt: str) -> ResponseReturnValue:
    """Forget how the rater wanted to be reached."""
    return _kept("withdrawn", receipt, contacts.withdraw_contact, _root(receipt), clock.now())


@bp.get("/receipt/<receipt>/confirm")
@of_citizens
def confirm_page(receipt: str) -> ResponseReturnValue:
    """Ask whether it is solved, and how the handling was."""
    return _page("confirm", receipt)


@bp.post("/receipt/<receipt>/confirm")
@of_citizens
def confirm(receipt: str) -> ResponseReturnValue:
    """Keep the rater's own word on the handling."""
    root, form = _root(receipt), ConfirmationForm(request.form)
    if not form.validate():
        return _page("confirm", receipt, form), 422
    solved, handling = form.solved.data or "", form.handling.data or None
    return _kept("confirm", receipt, confirming.confirm, root, solved, handling, clock.now())


@bp.get("/receipt/<receipt>/follow-up")
@of_citizens
def follow_up_page(receipt: str) -> ResponseReturnValue:
    """Offer the five levels once more, after the answer."""
    return _page("follow_up", receipt, key=_key())


@bp.post("/receipt/<receipt>/follow-up")
@of_citizens
def follow_up(receipt: str) -> ResponseReturnValue:
    """Take the follow-up rating."""
    _root(receipt)
    form = LevelForm(request.form, _tags(request.form.get("level", "")))
    if not form.validate():
        return _page("follow_up", receipt, form, key=form.key.data or _key()), 422
    return _kept("follow-up", receipt, confirming.follow_up, _hash(receipt), form.answer(), clock.now())


@bp.post("/receipt/<receipt>/mistake")
@of_citizens
def mistake(receipt: str) -> ResponseReturnValue:
    """Keep the rater's answer whether the tap was a mistake."""
    root, said = _root(receipt), request.form.get("mistake", "")
    if said not in ("yes", "no"):
        return _page("mistake", receipt, errors={"mistake": _("请选一项。")}), 422
    return _kept(
        "mistake", receipt, confirming.answer_mistake, root, was_mistake=said == "yes", now=clock.now()
    )


def _hash(receipt: str) -> str:
    return secrets.digest(secrets.spelled(receipt))


def _root(receipt: str) -> int:
    return citizen.root_behind(db.session(), receipt) or abort(404)


def _key() -> str:
    return chance.token_urlsafe(24)


def _tags(level: str) -> list[ratings.TagOffer]:
    known = level in {"1", "2", "3", "4", "5"} and "tags" in request.form
    return list(ratings.tags_of_level(db.session(), int(level))) if known else []


def _kept(
    what: str,
    receipt: str,
    action: Callable[Concatenate[Connection, P], object],
    *args: P.args,
    **kwargs: P.kwargs,
) -> ResponseReturnValue:
    """Run a citizen's action and go back to the receipt; what the rules forbid is said with the way there."""
    try:
        writer.run(action, *args, **kwargs)
    except Refused as refusal:
        if refusal.status != 409:
            raise
        return _page("refused", receipt, sentence=say(refusal), written=_written()), 409
    ways: dict[str, Any] = {name: request.args[name] for name in ("lang", "size") if name in request.args}
    return redirect(url_for("evaluation.receipt", receipt=_code(receipt), kept=what, **ways), 303)


def _written() -> list[str]:
    """What the rater wrote in their own words, to be given back."""
    return [words for name in ("text", "phone", "name") if (words := request.form.get(name, "").strip())]


def _code(receipt: str) -> str:
    """A receipt as it is written down: in groups of four."""
    plain = secrets.spelled(receipt)
    return "-".join(plain[place : place + 4] for place in range(0, len(plain), 4))


def _page(name: str, receipt: str, faulty: Form | None = None, **values: Any) -> str:
    case = citizen.case_of_citizen(db.session(), _root(receipt), clock.now()) or abort(404)
    faults = {} if faulty is None else {field: faults[0] for field, faults in faulty.errors.items()}
    return render_template(
        f"rectification/citizen/{name}.html",
        case=case,
        receipt=_code(receipt),
        levels=LEVELS,
        solved=SOLVED_WORDS,
        handling=SATISFIED_WORDS,
        given={} if faulty is None else faulty.data,
        **{"errors": faults} | values,
    )
