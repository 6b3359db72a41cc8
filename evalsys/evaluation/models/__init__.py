"""What was said, and the services it was said about."""

from evalsys.evaluation.models.ratings import (
    Attribution,
    Finding,
    Rating,
    RatingTag,
    RatingText,
    RatingTrace,
    Reasons,
    Standing,
    Submission,
    Tag,
    TraceKey,
    WindowCode,
)
from evalsys.evaluation.models.services import Invitation, PaperForm, Prompt, ServedTime, ServiceRating

__all__ = [
    "Attribution",
    "Finding",
    "Invitation",
    "PaperForm",
    "Prompt",
    "Rating",
    "RatingTag",
    "RatingText",
    "RatingTrace",
    "Reasons",
    "ServedTime",
    "ServiceRating",
    "Standing",
    "Submission",
    "Tag",
    "TraceKey",
    "WindowCode",
]
