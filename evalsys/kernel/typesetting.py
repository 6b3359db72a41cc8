"""Documents and pictures by typst, their Chinese font embedded."""

import importlib
from datetime import datetime
from functools import lru_cache
from importlib.resources import files as resources
from pathlib import Path
from types import ModuleType
from typing import Any

ARCHIVAL = ["a-2a", "ua-1"]  # kept readable for long, and read aloud


def document(template: Path, words: dict[str, str], at: datetime) -> bytes:
    """A tagged PDF (PDF/A-2a, PDF/UA-1) of that instant; the template finds the words by their names."""
    return _compiled(template, words, format="pdf", pdf_standards=ARCHIVAL, timestamp=int(at.timestamp()))


def picture(template: Path, words: dict[str, str], kind: str, dots: float) -> bytes:
    """A picture (png or svg) of so many dots to the inch."""
    return _compiled(template, words, format=kind, ppi=dots)


def _compiled(template: Path, words: dict[str, str], **how: Any) -> bytes:
    content: bytes = _typst().compile(
        str(template), root=str(template.parent), font_paths=_fonts(), sys_inputs=words, **how
    )
    return content


def _typst() -> ModuleType:
    # Loaded on first need: most workers never print, and would hold it, some 7 MB, for ever.
    return importlib.import_module("typst")


@lru_cache(maxsize=1)
def _fonts() -> Any:
    folder = Path(str(resources("noto_cjk_sans_otc")))
    return _typst().Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
