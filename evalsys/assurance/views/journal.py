"""The journal for the auditor: who did what when, who read which contact and why, and all of it as files."""

from collections.abc import Iterator
from typing import Any

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from evalsys.assurance import exports
from evalsys.assurance.actions import journaling
from evalsys.assurance.queries import journal as entries
from evalsys.assurance.queries.journal import A_PAGE, SYSTEM, Asked, Entry
from evalsys.assurance.rules.journal import LINK_WORDS, READ_CONTACT, SEE_JOURNAL, VERB_WORDS
from evalsys.assurance.views import words
from evalsys.assurance.views.blueprint import bp
from evalsys.kernel import clock, writer
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db, let_go
from evalsys.kernel.few import few_at_once


@bp.get("/admin/journal")
@requires(SEE_JOURNAL)
def journal() -> ResponseReturnValue:
    """Show who did what when, the latest first."""
    asked = entries.asked_of(request.args, clock.today())
    return render_template("assurance/journal.html", verbs=VERB_WORDS, system=SYSTEM, **_page(asked))


@bp.get("/admin/journal/contacts")
@requires(SEE_JOURNAL)
def journal_of_contacts() -> ResponseReturnValue:
    """Show who read which contact, when, and why."""
    asked = entries.asked_of({**request.args, "verb": READ_CONTACT}, clock.today())
    return render_template("assurance/journal_contacts.html", **_page(asked))


def _page(asked: Asked) -> dict[str, Any]:
    """A page of entries with the words around them."""
    before = entries.mark_said(request.args.get("before", ""))
    found = entries.entries(db.session(), asked, before, A_PAGE + 1)
    shown = found[:A_PAGE]
    return {
        "asked": asked,
        "entries": shown,
        "links": entries.links(db.session(), shown),
        "link_words": LINK_WORDS,
        "verb_words": VERB_WORDS,
        "following": str(entries.mark_of(shown[-1])) if len(found) > A_PAGE else None,
        "is_first": before is None,
        "names": words.names(entry.actor_id for entry in shown),
        "about": {entry.id: words.object_words(entry.object) for entry in shown},
    }


@bp.get("/admin/journal.<any(csv,xlsx,json):kind>")
@requires(SEE_JOURNAL)
@few_at_once
def journal_file(kind: str) -> ResponseReturnValue:
    """Give the entries that are asked for out as a file; that it was given out is journaled first."""
    asked = entries.asked_of(request.args, clock.today())
    entries.entries(db.session(), asked, None, 1)  # what cannot be asked is refused before anything is sent
    writer.run(journaling.note_export, current_actor(), kind, request.query_string.decode())
    write, media_type = exports.WAYS[kind]
    pieces = write(_batches(asked))
    name = f"journal-{asked.period.first}-{asked.period.last}.{kind}"
    answer = Response(stream_with_context(pieces), content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _batches(asked: Asked) -> Iterator[list[Entry]]:
    """The entries batch by batch; while somebody slow takes one, nothing of the database is held."""
    for batch in entries.all_entries(db.session(), asked):
        let_go()
        yield batch
