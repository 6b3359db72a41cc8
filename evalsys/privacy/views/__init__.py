"""Pages about what is known of people: for everybody, for whoever rated, and for two of the staff."""

from evalsys.privacy.views import citizens, redactions
from evalsys.privacy.views.blueprint import bp

__all__ = ["bp", "citizens", "redactions"]
