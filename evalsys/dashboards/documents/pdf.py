"""A bulletin as PDF by typst: A4, tagged (PDF/A-2a, PDF/UA-1), its Chinese font embedded, pages numbered."""

import json
from dataclasses import asdict
from functools import lru_cache
from importlib.resources import files as resources
from pathlib import Path

import typst

from evalsys.dashboards.documents.funnels import PAPER, funnel_plots
from evalsys.dashboards.queries.bulletins import Issue
from evalsys.dashboards.rules.bulletins import STATE_WORDS
from evalsys.dashboards.rules.reading import read
from evalsys.kernel import paths


def as_pdf(issue: Issue) -> bytes:
    """The bulletin as it is read, with its funnel plots, its number and the hash of its content."""
    folder = paths.templates_folder() / "dashboards" / "sheets"
    return typst.compile(
        str(folder / "bulletin.typ"),
        root=str(folder),
        font_paths=fonts(),
        format="pdf",
        sys_inputs={"bulletin": _words(issue)},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=int(issue.drafted_at.timestamp()),
    )


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


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """The Chinese font of the wheel, and no other."""
    folder = Path(str(resources("noto_cjk_sans_otc")))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
