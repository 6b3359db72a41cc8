"""How alike two texts are, by the runs of three signs they share; good enough to ask a person about."""

import re

ALIKE = 0.35  # from here on two texts are shown as perhaps about the same thing
_RUN = 3
_BETWEEN = re.compile(r"\W+")


def runs(text: str) -> frozenset[str]:
    """The runs of three letters or signs of a text, without what stands between words."""
    plain = _BETWEEN.sub("", text).lower()
    return frozenset(plain[place : place + _RUN] for place in range(len(plain) - _RUN + 1))


def likeness(one: str, other: str) -> float:
    """The share (0 to 1) of the shorter text's runs that the other has too; 0 where one says nothing."""
    first, second = runs(one), runs(other)
    fewer = min(len(first), len(second))
    return len(first & second) / fewer if fewer else 0.0
