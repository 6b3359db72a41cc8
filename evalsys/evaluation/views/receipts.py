"""The receipt: what was said, the code that proves it, the reasons, and the correction until midnight."""

from dataclasses import dataclass

from flask import abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from evalsys.evaluation.actions.ratings import correct_rating
from evalsys.evaluation.actions.reasons import explain_rating
from evalsys.evaluation.forms import LevelForm, ReasonsForm
from evalsys.evaluation.queries import asking, ratings
from evalsys.evaluation.queries.ratings import Said, TagOffer
from evalsys.evaluation.rules import LEVEL_BY_VALUE, LEVELS, REASON_DAYS, is_bad
from evalsys.evaluation.views import keys, panels
from evalsys.evaluation.views.blueprint import bp
from evalsys.kernel import clock, secrets, writer
from evalsys.kernel.access import citizen
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.organisation.queries import places
from evalsys.organisation.queries.places import Matter
from evalsys.worktime import queries as worktime

MATTERS_SHOWN = 30


@bp.route("/receipt", methods=["GET", "POST"])
@citizen
def receipt_search() -> ResponseReturnValue:
    """Let somebody type a receipt's code."""
    given = request.form.get("receipt", "").strip()
    found = ratings.root_of_receipt(db.session(), keys.receipt_hash(given)) if given else None
    if found is not None:
        return redirect(keys.receipt_url(given), 303)
    elsewhere = panels.address_elsewhere(db.session(), given) if given else None
    if elsewhere is not None:
        return redirect(elsewhere, 303)
    error = _("没有这个凭证号。请对照截图或抄下的号码再输一遍。") if request.method == "POST" else None
    page = render_template("evaluation/receipt_search.html", given=given[:60], error=error)
    return make_response(page, 422 if error else 200)


@bp.get("/receipt/<receipt>")
@citizen
def receipt(receipt: str) -> ResponseReturnValue:
    """Show what was said behind a receipt, and what may still be added."""
    return _show(receipt, _said(receipt))


@bp.post("/receipt/<receipt>/reasons")
@citizen
def reasons(receipt: str) -> ResponseReturnValue:
    """Add the reasons, or note that none are given."""
    said = _said(receipt)
    form = ReasonsForm(request.form, _tags(said), _matters(said))
    if not form.validate():
        return _show(receipt, said, form)
    writer.run(explain_rating, keys.receipt_hash(receipt), form.explanation(), clock.now())
    return redirect(keys.receipt_url(receipt, kept="reasons"), 303)


@bp.post("/receipt/<receipt>/correction")
@citizen
def correction(receipt: str) -> ResponseReturnValue:
    """Change the level, until 24:00 of the day."""
    said = _said(receipt)
    form = LevelForm(request.form, [])
    if not form.validate():
        return _show(receipt, said, form)
    answer = form.answer()
    writer.run(correct_rating, keys.receipt_hash(receipt), answer.level, answer.key, now=clock.now())
    return redirect(keys.receipt_url(receipt, kept="correction"), 303)


def _said(receipt: str) -> Said:
    return ratings.said_behind(db.session(), keys.receipt_hash(receipt)) or abort(404)


def _tags(said: Said) -> list[TagOffer]:
    return list(ratings.tags_of_level(db.session(), said.level))


def _matters(said: Said) -> list[Matter]:
    return places.matters_of_window(db.session(), said.window_id, said.counts_on)[:MATTERS_SHOWN]


@dataclass(frozen=True)
class Summary:
    """What stands on the receipt about the rating."""

    words: str
    corrected_levels: tuple[str, ...]
    can_correct: bool
    standing: str


@dataclass(frozen=True)
class Questions:
    """The questions the receipt asks, none of which must be answered."""

    bad: bool
    tags: list[TagOffer]
    items: list[tuple[int, str]]
    ask_when: bool


def _summary(said: Said) -> Summary:
    corrected = (LEVEL_BY_VALUE[said.first_level].words,) if said.level != said.first_level else ()
    can_correct = clock.now() < clock.end_of(said.given_on) and said.standing == "counted"
    return Summary(LEVEL_BY_VALUE[said.level].words, corrected, can_correct, _standing(said))


def _standing(said: Said) -> str:
    if said.standing == "held":
        reason = said.standing_reason
        return _("这条评价暂缓计入,理由:%(reason)s。5个工作日内没有决定就恢复计入。", reason=reason)
    if said.standing == "excluded":
        return _("这条评价不予采纳,由两人决定,理由:%(reason)s。", reason=said.standing_reason)
    return _("这条评价已计入统计。")


def _questions(said: Said) -> Questions | None:
    last_day = worktime.working_days_after(db.session(), said.given_on, REASON_DAYS)
    if clock.today() > last_day or (said.skip == "skipped" and "more" not in request.args):
        return None
    items = [(matter.item_id, matter.name) for matter in _matters(said)]
    return Questions(is_bad(said.level), _tags(said), items, asking.is_when_open(db.session(), said))


def _show(receipt: str, said: Said, faulty: ReasonsForm | LevelForm | None = None) -> ResponseReturnValue:
    kept = {"reasons": _("已保存,谢谢。"), "correction": _("已改好,以这次为准。")}
    code = keys.grouped(secrets.spelled(receipt))
    page = render_template(
        "evaluation/receipt.html",
        receipt=code,
        place=places.place_of_window(db.session(), said.window_id, said.counts_on),
        said=_summary(said),
        levels=LEVELS,
        correction_key=keys.fresh_key(),
        reasons_form=_questions(said),
        given=faulty.data if isinstance(faulty, ReasonsForm) else _given(said),
        errors={name: faults[0] for name, faults in faulty.errors.items()} if faulty else {},
        notice=kept.get(request.args.get("kept", "")) if faulty is None else None,
        panels=panels.panels_of(db.session(), said.root, clock.now()),
    )
    return make_response(page, 422 if faulty else 200)


def _given(said: Said) -> dict[str, object]:
    return {
        "tags": said.tags,
        "text": said.text,
        "done": said.done,
        "happened": said.happened,
        "item": said.item_id,
        "efficiency": said.efficiency,
        "manner": said.manner,
    }
