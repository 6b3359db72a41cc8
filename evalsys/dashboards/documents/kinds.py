"""The kinds of files a bulletin comes as: PDF, Word, and the frozen content itself."""

from collections.abc import Callable, Mapping

from evalsys.dashboards.documents import pdf, word
from evalsys.dashboards.queries.bulletins import Issue


def _content(issue: Issue) -> bytes:
    return issue.text.encode()


FILE_TYPES: Mapping[str, tuple[Callable[[Issue], bytes], str]] = {
    "pdf": (pdf.as_pdf, "application/pdf"),
    "docx": (word.as_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "json": (_content, "application/json"),
}
