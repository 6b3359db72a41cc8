"""Which page of a long list an address asks for."""

from flask import request

LAST = 100_000


def page_asked() -> int:
    """The page's number: 1 where none or nonsense is asked, and never beyond what a database can skip to."""
    page = request.args.get("page", 1, type=int)
    return min(max(page, 1), LAST)
