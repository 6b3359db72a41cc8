"""A mark in the journal whenever somebody reads what single citizens said."""

from evalsys.evaluation.actions.reading import note_reading
from evalsys.kernel import writer
from evalsys.kernel.access import current_actor
from evalsys.rectification.actions.reading import note_case
from evalsys.rectification.queries import about
from evalsys.rectification.queries.story import Story

# Cases that somebody brought in words of their own, with no rating behind them.
_BROUGHT = ("order", "not-done")


def note_reading_of(found: Story) -> None:
    """Leave the mark before the words of a case are read; only where there are any for this person."""
    actor = current_actor()
    if not about.may_read_words(found, actor):
        return
    if found.roots:
        writer.run(note_reading, actor, f"case={found.line.no}")
    elif found.row.kind in _BROUGHT:
        writer.run(note_case, actor, found.line.no)


def note_reading_messages() -> None:
    """Leave the mark before the messages of several citizens are read."""
    writer.run(note_reading, current_actor(), "messages")
