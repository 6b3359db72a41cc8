"""Hiding the numbers that lead to a person from somebody else who reads."""

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


def phone(number: str) -> str:
    """A telephone number that can be recognised and not be dialled: 138****1234.

    Of a mobile number the first three and last four digits stand, of another at most the last two.
    """
    digits = "".join(sign for sign in number.translate(_NARROW) if sign.isascii() and sign.isdigit())
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:] if len(digits) > 6 else ''}"
