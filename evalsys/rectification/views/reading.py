"""A mark in the journal whenever somebody reads what single raters said."""

from evalsys.evaluation.actions.reading import note_reading
from evalsys.kernel import writer
from evalsys.kernel.access import current_actor
from evalsys.rectification.queries import about
from evalsys.rectification.queries.story import Story


def note_reading_of(found: Story) -> None:
    """Leave the mark before the words of a case are read; only where there are any for this person."""
    actor = current_actor()
    if found.roots and about.may_read_words(found, actor):
        writer.run(note_reading, actor, f"case={found.line.no}")
