"""没办成,记一条: noted on the console, the 办不成事 desk takes it from there."""

from flask import abort, request
from flask.typing import ResponseReturnValue

from evalsys.evaluation.actions.refusals import note_refusal
from evalsys.evaluation.events import ServiceRefused
from evalsys.evaluation.rules import plain_text
from evalsys.evaluation.rules.keys import is_key
from evalsys.evaluation.rules.refusals import MATTER_LIMIT, WORDS_LIMIT
from evalsys.evaluation.views import keys, screens
from evalsys.evaluation.views.blueprint import bp
from evalsys.evaluation.views.console import PAGE, Post, paired_console, post_asked
from evalsys.kernel import clock, writer
from evalsys.kernel.access import device, known_actor
from evalsys.kernel.database import db
from evalsys.kernel.forms import csrf
from evalsys.kernel.language import gettext as _
from evalsys.organisation.queries import places


@bp.get("/console/prompt/refusal")
@device
def console_refusal() -> ResponseReturnValue:
    """A form for what could not be done at the window just now."""
    post = post_asked(request.args.get("window", "")) or abort(404)
    return _form(post, keys.fresh_key(), "", None)


@bp.post("/console/prompt/refusal")
@device
def note_refused() -> ResponseReturnValue:
    """Keep what could not be done, once for each form, and say that the desk will see it."""
    if paired_console() is None:
        csrf.protect()
    post = post_asked(request.form.get("window", "")) or abort(404)
    key, words = request.form.get("key", ""), plain_text(request.form.get("words", ""))
    if not is_key(key):
        abort(400)
    fault = _fault(words)
    if fault is not None:
        return _form(post, key, words, fault)
    writer.run(note_refusal, _refused(post, key, words))
    return screens.drawn(PAGE, "refusal_noted", post=post, name="refusal-noted", serial="")


def _fault(words: str) -> str | None:
    if not words or "\x00" in words:
        return _("请写一句为什么没办成")
    if len(words) > WORDS_LIMIT:
        return _("最多%(limit)s个字,现在%(n)s个。您写的还在。", limit=WORDS_LIMIT, n=len(words))
    return None


def _refused(post: Post, key: str, words: str) -> ServiceRefused:
    actor, item = known_actor(), request.form.get("item", type=int)
    matters = places.matters_of_window(db.session(), post.place.window_id, clock.today())
    matter = next((one.name for one in matters if one.item_id == item), "")
    return ServiceRefused(
        hall_id=post.place.hall_id,
        window_id=post.place.window_id,
        matter=matter[:MATTER_LIMIT],
        words=words,
        noted_by=actor.account_id if actor else None,
        key=key,
        at=clock.now().replace(second=0, microsecond=0),
    )


def _form(post: Post, key: str, words: str, fault: str | None) -> ResponseReturnValue:
    return screens.drawn(
        PAGE,
        "refusal",
        422 if fault else 200,
        post=post,
        key=key,
        words=words,
        fault=fault,
        chosen=request.form.get("item", type=int),
        matters=places.matters_of_window(db.session(), post.place.window_id, clock.today()),
        longest=WORDS_LIMIT,
        name="refusal",
        serial="",
    )
