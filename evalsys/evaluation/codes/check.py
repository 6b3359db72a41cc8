"""A window's short code: an id that does not count up, and a check that a guess or a slip does not pass.

Eleven signs of Crockford's alphabet (no I, L, O, U): five for the scrambled id, six for 30 bits of
HMAC-SHA256 under a key of its own. A wrong sign or two signs swapped pass with a chance of 2^-30 per key.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_LENGTH = 5
CHECK_LENGTH = 6
LENGTH = ID_LENGTH + CHECK_LENGTH
IDS = 1 << (5 * ID_LENGTH)

_VALUES = {sign: value for value, sign in enumerate(ALPHABET)}
# People read O as zero and I or L as one; the printed code never holds them.
_READ_AS = str.maketrans("OIL", "011", " -")
# Longer texts are not codes; the bound keeps a hostile address from costing work.
_LONGEST_TYPED = 40
# Odd factors are invertible modulo a power of two; the values only have to spread neighbours.
_SPREAD = (0x0A5D39D, 0x19E3779)
_UNSPREAD = tuple(pow(factor, -1, IDS) for factor in _SPREAD)
_SHIFT = 13


def window_code(code_id: int, key: bytes) -> str:
    """The 11 signs printed for a code's id (0 ≤ id < 2^25) under a key; ValueError beyond."""
    if not 0 <= code_id < IDS:
        raise ValueError(f"a code's id lies between 0 and {IDS - 1}: {code_id}")
    return _written(_scrambled(code_id), ID_LENGTH) + _check(code_id, key)


def code_id_of(text: str, keys: Mapping[int, bytes]) -> tuple[int, int] | None:
    """The id and the key's version behind a code as people type it, or None where the check fails.

    Lower case, full width, spaces, hyphens, O for 0 and I or L for 1 are forgiven.
    """
    signs = plain(text)
    if len(signs) != LENGTH or any(sign not in _VALUES for sign in signs):
        return None
    code_id = _unscrambled(_read(signs[:ID_LENGTH]))
    for version, key in sorted(keys.items(), reverse=True):
        if hmac.compare_digest(_check(code_id, key), signs[ID_LENGTH:]):
            return code_id, version
    return None


def grouped(code: str) -> str:
    """The code as it is printed for people: 7K3M9-QXD2PW."""
    return f"{code[:ID_LENGTH]}-{code[ID_LENGTH:]}"


def plain(text: str) -> str:
    """The one spelling of a code as people type it; what is too long to be one spells nothing."""
    if len(text) > _LONGEST_TYPED:
        return ""
    return unicodedata.normalize("NFKC", text).upper().translate(_READ_AS)


def _check(code_id: int, key: bytes) -> str:
    digest = hmac.new(key, b"window-code:%d" % code_id, hashlib.sha256).digest()
    return _written(int.from_bytes(digest[:4]) >> 2, CHECK_LENGTH)


def _scrambled(code_id: int) -> int:
    for factor in _SPREAD:
        code_id = code_id * factor % IDS
        code_id ^= code_id >> _SHIFT
    return code_id


def _unscrambled(number: int) -> int:
    # A shift by more than half the bits is its own inverse.
    for factor in reversed(_UNSPREAD):
        number ^= number >> _SHIFT
        number = number * factor % IDS
    return number


def _written(number: int, length: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))


def _read(signs: str) -> int:
    number = 0
    for sign in signs:
        number = number << 5 | _VALUES[sign]
    return number
