"""Hiding the numbers that lead to a person in words somebody else will read."""

import re

HIDDEN = "已隐去"
_BETWEEN = r"[\s.,,。、·*_/-]{0,2}"
_PHONE = re.compile(rf"(?<!\d)1{_BETWEEN}[3-9](?:{_BETWEEN}\d){{9}}(?!\d)")
_LANDLINE = re.compile(rf"(?<!\d)0\d{{2,3}}{_BETWEEN}\d{{3,4}}{_BETWEEN}\d{{4}}(?!\d)")
_IDENTITY = re.compile(rf"(?<![0-9A-Za-z])\d(?:{_BETWEEN}\d){{16}}{_BETWEEN}[0-9Xx](?![0-9A-Za-z])")
# Digits and signs people type in full width, one for one, so that places in the text stay the same.
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")


def masked(text: str) -> str:
    """A citizen's words with telephone numbers, identity numbers and mail addresses masked."""
    for pattern in (_IDENTITY, _PHONE, _LANDLINE, _MAIL):
        for found in reversed(list(pattern.finditer(text.translate(_NARROW)))):
            text = f"{text[: found.start()]}[{HIDDEN}]{text[found.end() :]}"
    return text
