"""A web address as a QR picture: black on white, level Q, quiet zone of four modules, no logo."""

import io
from typing import Any

from qrcode.constants import ERROR_CORRECT_Q
from qrcode.image.pil import PilImage
from qrcode.image.svg import SvgPathFillImage
from qrcode.main import QRCode

# A quarter of the picture may be scratched: posters are acrylic and hang for years.
_LEVEL = ERROR_CORRECT_Q
_QUIET_ZONE = 4
# The code at the end of an address goes into the denser alphanumeric mode from this many signs on.
_ALPHANUMERIC_FROM = 11


def qr_svg(url: str) -> str:
    """The address as a stand-alone SVG document, one path, one unit a module."""
    return str(_qr(url, 10).make_image(image_factory=SvgPathFillImage).to_string(encoding="unicode"))


def qr_png(url: str, module: int = 12) -> bytes:
    """The address as a PNG picture; `module` is the side of one module in pixels."""
    file = io.BytesIO()
    _qr(url, module).make_image(image_factory=PilImage).save(file, format="PNG", optimize=True)
    return file.getvalue()


def _qr(url: str, module: int) -> QRCode[Any]:
    code = QRCode(error_correction=_LEVEL, box_size=module, border=_QUIET_ZONE)
    code.add_data(url, optimize=_ALPHANUMERIC_FROM)
    code.make()
    return code
