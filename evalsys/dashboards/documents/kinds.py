"""The kinds of files a bulletin comes as: PDF, Word, and the frozen content itself."""

import importlib
from collections.abc import Callable, Mapping

from evalsys.dashboards.documents import pdf
from evalsys.dashboards.queries.bulletins import Issue


def _word(issue: Issue) -> bytes:
    # Loaded on first need: most workers never write one, and would hold its libraries, some 11 MB, for ever.
    written: bytes = importlib.import_module("evalsys.dashboards.documents.word").as_docx(issue)
    return written


def _content(issue: Issue) -> bytes:
    return issue.text.encode()


FILE_TYPES: Mapping[str, tuple[Callable[[Issue], bytes], str]] = {
    "pdf": (pdf.as_pdf, "application/pdf"),
    "docx": (_word, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "json": (_content, "application/json"),
}
