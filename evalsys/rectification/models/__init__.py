"""What the loop remembers: cases, their steps, appeals, and what citizens say about them."""

from evalsys.rectification.models.appeals import Appeal, AppealFile, AppealReview
from evalsys.rectification.models.cases import Case, CaseAssistant, CaseLink, CaseNumber, CaseRating, CaseTag
from evalsys.rectification.models.citizens import CaseMessage, Confirmation, Contact
from evalsys.rectification.models.guidance import ReplyTemplate, Responsibility
from evalsys.rectification.models.steps import CaseFile, CaseStep, SupervisionNotice

__all__ = [
    "Appeal",
    "AppealFile",
    "AppealReview",
    "Case",
    "CaseAssistant",
    "CaseFile",
    "CaseLink",
    "CaseMessage",
    "CaseNumber",
    "CaseRating",
    "CaseStep",
    "CaseTag",
    "Confirmation",
    "Contact",
    "ReplyTemplate",
    "Responsibility",
    "SupervisionNotice",
]
