"""Taking back by a receipt: words and contact go, the rating stays counted and sealed."""

from datetime import datetime

from sqlalchemy import Connection

from evalsys.desk.actions import forgetting as desk
from evalsys.evaluation.actions import redaction
from evalsys.kernel import journal
from evalsys.rectification.actions import forgetting as cases


def erase_rating(connection: Connection, root: int, now: datetime) -> None:
    """Put all words of a rating out of sight and forget its contact; done twice it changes nothing more."""
    left = cases.erase_of_rating(connection, root, now)
    words = redaction.hide_words(connection, root, now)
    if left or words:
        journal.record(connection, None, "erase", "by receipt of a rating", words=words, left=left)


def erase_report(connection: Connection, case_id: int, now: datetime) -> None:
    """The same for a report that was brought to the desk."""
    left = desk.erase_report(connection, case_id, now)
    if left:
        journal.record(connection, None, "erase", "by receipt of a report", left=left)
