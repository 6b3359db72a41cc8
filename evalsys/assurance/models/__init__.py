"""What assurance remembers: marks on ratings, their standing, seals, drills, probes."""

from evalsys.assurance.models.drills import Drill
from evalsys.assurance.models.probes import Probe
from evalsys.assurance.models.seals import Seal, SealBlock, SealedEntry, SealSweep
from evalsys.assurance.models.signals import MarkedRating, SignalDay, SignalHit
from evalsys.assurance.models.standing import ProposalDecision, ProposedRating, StandingProposal

__all__ = [
    "Drill",
    "MarkedRating",
    "Probe",
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
