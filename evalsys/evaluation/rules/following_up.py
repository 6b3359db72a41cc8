"""A follow-up rating (追评): how often and how long."""

from evalsys.kernel.refusals import Refused

FOLLOW_UP_DAYS = 30  # days after the answer


class FollowedUp(Refused):
    """A rating has one follow-up, and this one has had it."""

    status = 409
