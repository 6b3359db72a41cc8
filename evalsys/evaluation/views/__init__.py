"""Pages of evaluation: the citizen's, the devices', and those of window codes."""

from evalsys.evaluation.views import (
    codes,
    console,
    counter,
    helper,
    kiosk,
    kiosk_rating,
    links,
    pairing,
    paper,
    phone,
    receipts,
    records,
    refusals,
    rehearsing,
    short_way,
)
from evalsys.evaluation.views.blueprint import bp

__all__ = [
    "bp",
    "codes",
    "console",
    "counter",
    "helper",
    "kiosk",
    "kiosk_rating",
    "links",
    "pairing",
    "paper",
    "phone",
    "receipts",
    "records",
    "refusals",
    "rehearsing",
    "short_way",
]
