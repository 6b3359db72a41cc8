"""Adding reasons to a rating: the citizen's third action, run like the first two."""

from dataclasses import replace
from datetime import datetime, time

from sqlalchemy import Connection

from evalsys.evaluation.actions import rows
from evalsys.evaluation.events import RatingExplained
from evalsys.evaluation.queries import asking, counted, ratings
from evalsys.evaluation.rules import REASON_DAYS, Explanation, TooLate, WrongTags
from evalsys.kernel import clock, reactions
from evalsys.organisation.duty import Whose, whose_then
from evalsys.organisation.queries import places
from evalsys.worktime import queries as worktime


def explain_rating(
    connection: Connection, receipt_hash: str, explanation: Explanation, now: datetime
) -> None:
    """Add the rater's reasons, within five working days; a later set stands in place of an earlier one.

    Raises TooLate afterwards, and WrongTags where the level was changed after the tags were chosen.
    When it happened is taken only while the receipt asks for it.
    """
    said = rows.locked(connection, receipt_hash)
    if clock.day_of(now) > worktime.working_days_after(connection, said.given_on, REASON_DAYS):
        raise TooLate("评价后5个工作日内可以补充原因,现在已经过了时间。您的评价照样算数。")
    offered = {tag.code for tag in ratings.tags_of_level(connection, said.level)}
    if not offered.issuperset(explanation.tags):
        raise WrongTags("选的原因和评价等级对不上,请重新选。")
    if explanation.happened is None or not asking.is_when_open(connection, said):
        explanation = replace(explanation, happened=said.happened)
    if said.reasons_seq and _same(said, explanation):
        return
    before = counted.counted_as(connection, said.root)
    at = rows.kept_moment(now, said.evidence)
    rows.add_reasons_row(connection, said.current, said.reasons_seq + 1, explanation, salt=said.salt, at=at)
    if explanation.happened is not None and explanation.happened != said.happened:
        _happened(connection, said, explanation.happened, now)
    after = counted.counted_as(connection, said.root)
    reactions.publish(connection, RatingExplained(said.root, said.level, before, after, at))


def _same(said: ratings.Said, explanation: Explanation) -> bool:
    """Whether the same reasons are sent again: a double tap, not a change."""
    return (said.tags, said.text, said.skip == "skipped", said.done, said.item_id) == (
        tuple(sorted(explanation.tags)),
        explanation.text,
        explanation.skip,
        explanation.done,
        explanation.item_id,
    ) and (said.efficiency, said.manner, said.happened) == (
        explanation.efficiency,
        explanation.manner,
        explanation.happened,
    )


def _happened(connection: Connection, said: ratings.Said, happened: str, now: datetime) -> None:
    """Find the clerk again from the citizen's 什么时候办的, and note it as a further attribution."""
    day = said.counts_on
    noon, start, end = clock.at(day, rows.NOON), clock.at(day, time()), clock.end_of(day)
    sittings = places.sittings(connection, said.window_id, start, end)
    whose = {
        # The moment the form was opened decided at first, and still does.
        "now": lambda: ratings.first_attribution(connection, said.root),
        "morning": lambda: whose_then(sittings, start, noon),
        "afternoon": lambda: whose_then(sittings, noon, end),
        "earlier": lambda: Whose(None, "gap"),
    }[happened]()
    seq = ratings.attributions_so_far(connection, said.root) + 1
    rows.add_attributions(connection, [rows.attribution(said.root, seq, whose, now)])
