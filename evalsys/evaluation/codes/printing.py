"""Posters to files by typst: the PDF is tagged (PDF/A-2a, PDF/UA-1), its Chinese font embedded and subset."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evalsys.evaluation.codes.sheets import Format, Layout, Poster, Sheet, host_of
from evalsys.kernel import paths, qr, typesetting

Picture = Literal["png", "svg"]
PICTURES: tuple[Picture, ...] = ("png", "svg")
# A poster with its code drawn, as the template takes it.
Drawn = dict[str, object]

# Pixels per inch: a module of the code stays a clear square, and 210 pictures take seconds.
_PPI = {Layout.A4: 120.0, Layout.A5: 170.0, Layout.TENT: 100.0, Layout.LABELS: 300.0}


@dataclass(frozen=True)
class File:
    """A finished file and the name it is saved under."""

    name: str
    content: bytes


def files(posters: Iterable[Poster], sheet: Sheet, kind: Format) -> Iterator[File]:
    """The files of a print, each as soon as it is finished; posters are taken one by one."""
    drawn = map(_drawn, posters)
    if kind is Format.PDF:
        yield _document(drawn, sheet)
    elif kind is Format.ZIP:
        yield File(f"codes-{sheet.layout}.zip", _archive(_everything(drawn, sheet)))
    else:
        for poster in drawn:
            yield _picture(poster, sheet, "svg" if kind is Format.SVG else "png")


def one_file(posters: Iterable[Poster], sheet: Sheet, kind: Format) -> File:
    """The print as a single file to download: what would be several files comes as an archive."""
    finished = list(files(posters, sheet, kind))
    if len(finished) == 1:
        return finished[0]
    return File(f"codes-{sheet.layout}-{kind}.zip", _archive(finished))


def _everything(drawn: Iterable[Drawn], sheet: Sheet) -> Iterator[File]:
    taken = []
    for poster in drawn:
        taken.append(poster)
        for kind in PICTURES:
            file = _picture(poster, sheet, kind)
            yield File(f"{kind}/{file.name}", file.content)
    yield _document(taken, sheet)


def _drawn(poster: Poster) -> Drawn:
    return {**vars(poster), "host": host_of(poster.address), "qr": qr.svg(poster.address)}


def _document(drawn: Iterable[Drawn], sheet: Sheet) -> File:
    """All posters as one document, a heading for each window."""
    words = _words(list(drawn), sheet, single=False)
    content = typesetting.document(_template(sheet), words, sheet.at)
    return File(f"codes-{sheet.layout}.pdf", content)


def _picture(poster: Drawn, sheet: Sheet, kind: Picture) -> File:
    """One window's poster as a picture; a label comes alone on its own paper."""
    words = _words([poster], sheet, single=True)
    content = typesetting.picture(_template(sheet), words, kind, _PPI[sheet.layout])
    return File(f"{poster['window']}.{kind}", content)


def _archive(finished: Iterable[File]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in finished:
            # Pictures are packed already: packing them again only takes time.
            packed = zipfile.ZIP_STORED if file.name.endswith(".png") else zipfile.ZIP_DEFLATED
            archive.writestr(file.name, file.content, packed, compresslevel=6)
    return whole.getvalue()


def _words(drawn: list[Drawn], sheet: Sheet, *, single: bool) -> dict[str, str]:
    words = {
        "title": "窗口评价码",
        "demo": sheet.demo,
        "start": sheet.start,
        "single": single,
        "posters": drawn,
    }
    return {"sheet": json.dumps(words)}


def _template(sheet: Sheet) -> Path:
    return paths.templates_folder() / "evaluation" / "sheets" / f"{sheet.layout}.typ"
