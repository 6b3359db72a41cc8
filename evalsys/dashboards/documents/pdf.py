"""A bulletin as PDF by typst: A4, tagged (PDF/A-2a, PDF/UA-1), its Chinese font embedded, pages numbered."""

import json
from dataclasses import asdict

from evalsys.dashboards.documents.funnels import PAPER, funnel_plots
from evalsys.dashboards.queries.bulletins import Issue
from evalsys.dashboards.rules.bulletins import STATE_WORDS
from evalsys.dashboards.rules.reading import read
from evalsys.kernel import paths, typesetting


def as_pdf(issue: Issue) -> bytes:
    """The bulletin as it is read, with its funnel plots, its number and the hash of its content."""
    template = paths.templates_folder() / "dashboards" / "sheets" / "bulletin.typ"
    return typesetting.document(template, {"bulletin": _words(issue)}, issue.drafted_at)


def _words(issue: Issue) -> str:
    content = issue.content
    return json.dumps(
        {
            **asdict(read(content)),
            "funnels": [vars(plot) for plot in funnel_plots(content, PAPER)],
            "no": issue.public_id,
            "sha256": issue.sha256,
            "state": "" if issue.state == "published" else STATE_WORDS[issue.state],
            "demo": content["demo"],
        }
    )
