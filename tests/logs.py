"""What must not stand in a log: numbers that lead to people, codes that open something, what was sent."""

import re
from collections.abc import Iterable

_TELLING = {
    "a telephone number": re.compile(r"(?<![\d.])1[3-9]\d{9}(?!\d)"),
    "an identity number": re.compile(r"(?<!\w)\d{17}[\dXx](?!\w)"),
    "a receipt": re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}"),
    "a path with a code": re.compile(
        r"/(?:q|s|t|receipt|board|counter|desk/report)/(?![a-z-]+(?:[/\s\"]|$))[^<\s\"]+"
    ),
    "a query": re.compile(r"/\S*\?\w+="),
    "an address": re.compile(r"(?<![\d.])(?!127\.0\.0\.1|0\.0\.0\.0)\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"),
    "a browser": re.compile(r"Mozilla|AppleWebKit|Werkzeug/"),
}


def told_of_somebody(log: str, secrets: Iterable[str] = ()) -> list[str]:
    """The lines of a log that say what they must not, each with what it is."""
    secrets = [secret for secret in secrets if secret]
    return [
        f"{what}: {line[:300]}"
        for line in log.splitlines()
        for what in (
            *(name for name, pattern in _TELLING.items() if pattern.search(_bare(line))),
            *("a secret" for secret in secrets if secret in line),
        )
    ]


def _bare(line: str) -> str:
    """A line without what is made of digits by design: its moment, hashes and versions of libraries."""
    return re.sub(r'"at": "[^"]*"|SQLite [\d.]+', "", line)
