"""Instants as other systems send them."""

from datetime import datetime

from marshmallow import ValidationError

from evalsys.kernel import clock


def check_reach(instant: datetime) -> None:
    """Refuse an instant in years that no calendar here can count with."""
    if not clock.is_within_reach(instant):
        raise ValidationError("这个时间不在能计算的年份里。")
