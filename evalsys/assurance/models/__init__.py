"""What assurance remembers: marks on ratings, proposals about their standing, and what was sealed."""

from evalsys.assurance.models.seals import Seal, SealBlock, SealedEntry, SealSweep
from evalsys.assurance.models.signals import MarkedRating, SignalDay, SignalHit
from evalsys.assurance.models.standing import ProposalDecision, ProposedRating, StandingProposal

__all__ = [
    "MarkedRating",
    "ProposalDecision",
    "ProposedRating",
    "Seal",
    "SealBlock",
    "SealSweep",
    "SealedEntry",
    "SignalDay",
    "SignalHit",
    "StandingProposal",
]
