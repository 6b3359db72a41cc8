"""What assurance remembers beside the ratings."""

from evalsys.assurance.models.seals import Seal, SealBlock, SealedEntry, SealSweep

__all__ = ["Seal", "SealBlock", "SealSweep", "SealedEntry"]
