"""A bulletin as a Word document: the same sentences and tables, to be worked on further."""

import io

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from evalsys.dashboards.queries.bulletins import Issue
from evalsys.dashboards.rules.bulletins import STATE_WORDS
from evalsys.dashboards.rules.reading import Table, read

FACE = "Noto Sans CJK SC"


def as_docx(issue: Issue) -> bytes:
    """The bulletin as it is read, with its number and the hash of its content."""
    content = issue.content
    said, paper = read(content), _paper()
    paper.core_properties.title = f"{said.title} {said.period}"
    paper.core_properties.language = "zh-CN"
    paper.core_properties.created = paper.core_properties.modified = issue.drafted_at
    marks = [
        *(["演示数据"] if content["demo"] else ()),
        *(() if issue.state == "published" else [STATE_WORDS[issue.state]]),
    ]
    if marks:
        paper.add_paragraph(" ".join(marks))
    paper.add_heading(said.title, level=1)
    paper.add_paragraph(said.period)
    for finding in said.findings:
        paper.add_paragraph(finding, style="List Bullet")
    for table in said.tables:
        _add_table(paper, table)
    paper.add_heading("口径", level=2)
    for line in (*said.method, f"通报编号 {issue.public_id},数据集指纹(SHA-256){issue.sha256}"):
        paper.add_paragraph(line, style="List Bullet")
    file = io.BytesIO()
    paper.save(file)
    return file.getvalue()


def _paper() -> Paper:
    """An empty A4 document whose every style writes Chinese."""
    paper = Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    for name in ("Normal", "Heading 1", "Heading 2", "List Bullet"):
        style = paper.styles[name]
        style.font.name = FACE
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FACE)
    paper.styles["Normal"].font.size = Pt(10.5)
    return paper


def _add_table(paper: Paper, table: Table) -> None:
    paper.add_heading(table.title, level=2)
    grid = paper.add_table(rows=1 + len(table.rows), cols=len(table.headings), style="Table Grid")
    # Cells are taken in one go: asking for them one by one takes minutes for hundreds of rows.
    cells = iter(grid._cells)
    for nth, line in enumerate((table.headings, *table.rows)):
        for column, words in enumerate(line):
            paragraph = next(cells).paragraphs[0]
            run = paragraph.add_run(words)
            run.font.size, run.bold = Pt(9), nth == 0
            if column >= table.words:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if table.note:
        paper.add_paragraph(table.note)
