"""What the rules of window codes say no to."""

from evalsys.kernel.refusals import Refused


class StillValid(Refused):
    """A window has one valid code; a second one would leave a stray poster counting."""

    status = 409


class AlreadyRevoked(Refused):
    """The code is out of force already."""

    status = 409


class ReasonNeeded(Refused):
    """A code is put out of force for a stated reason only."""


class NotPrintable(Refused):
    """These sheets should not be printed, or not for these windows."""


class Unreachable(NotPrintable):
    """The codes would lead to an address citizens cannot open; whoever insists may print them."""
