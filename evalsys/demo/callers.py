"""How people of the demo can be reached: numbers nobody has, and a name to be called by."""

from random import Random

from evalsys.demo.people import SURNAMES
from evalsys.rectification.rules.citizens import GivenContact

_CALLED = ("先生", "女士")


def caller(draw: Random) -> GivenContact:
    """Somebody's contact details, as they are asked for on a receipt."""
    name = draw.choice(SURNAMES) + draw.choice(_CALLED)
    return GivenContact(f"1990000{draw.randrange(10_000):04d}", name)
