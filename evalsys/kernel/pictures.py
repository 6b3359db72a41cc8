"""Pictures drawn anew: their pixels, and nothing else that was in the file."""

import io
import struct
import warnings
import zlib

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 40_000_000
# A photograph with a second picture inside (MPO, as some phones make them) is kept as its first one.
FORMATS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png"}
# What Pillow raises over bytes that are no picture, or a hostile one.
_UNREADABLE = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
)
_TOO_LARGE = (Image.DecompressionBombWarning, Image.DecompressionBombError)


class TooLarge(Exception):
    """More than MOST_PIXELS."""


class Unreadable(Exception):
    """No picture that is taken."""


def redrawn(content: bytes) -> tuple[str, bytes]:
    """The kind (jpg or png) and the pixels of a picture: no place, no camera, no owner.

    Raises TooLarge before it decodes what would fill the memory, Unreadable for what is no JPEG or PNG.
    """
    try:
        with warnings.catch_warnings():
            # Broken EXIF data is no loss. Pillow warns of pictures that would fill the memory, too; they are
            # measured before they are decoded.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
                kind = FORMATS[picture.format or ""]
                if picture.width * picture.height > MOST_PIXELS:
                    raise TooLarge
                upright = ImageOps.exif_transpose(picture).convert("RGB")
    except _TOO_LARGE as fault:
        raise TooLarge from fault
    except _UNREADABLE as fault:
        raise Unreadable from fault
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    drawn = io.BytesIO()
    bare.save(drawn, "JPEG" if kind == "jpg" else "PNG", quality=85)
    return kind, drawn.getvalue()
