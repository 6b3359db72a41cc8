"""Words as a QR picture: black on white, quiet zone of four modules, no logo."""

import importlib
import io
from typing import Any

_QUIET_ZONE = 4
# The code at the end of an address goes into the denser alphanumeric mode from this many signs on.
_ALPHANUMERIC_FROM = 11


def svg(words: str) -> str:
    """The words as a stand-alone SVG document, one path, one unit a module."""
    return str(_drawn(words, "qrcode.image.svg", "SvgPathFillImage", 10).to_string(encoding="unicode"))


def png(words: str, module: int = 12) -> bytes:
    """The words as a PNG picture; `module` is the side of one module in pixels."""
    file = io.BytesIO()
    _drawn(words, "qrcode.image.pil", "PilImage", module).save(file, format="PNG", optimize=True)
    return file.getvalue()


def _drawn(words: str, where: str, factory: str, module: int) -> Any:
    # Loaded on first need: most workers never draw, and would hold some 8 MB for it.
    qrcode = importlib.import_module("qrcode.main")
    # A quarter of the picture may be scratched: posters are acrylic and hang for years.
    quarter = importlib.import_module("qrcode.constants").ERROR_CORRECT_Q
    code = qrcode.QRCode(error_correction=quarter, box_size=module, border=_QUIET_ZONE)
    code.add_data(words, optimize=_ALPHANUMERIC_FROM)
    code.make()
    return code.make_image(image_factory=getattr(importlib.import_module(where), factory))
