"""Keys that must outlive sessions and posters, kept in the database and its backups; and random codes."""

import hashlib
import hmac
import os
import secrets

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.kernel.models import SiteFact

# No look-alikes: 0/O, 1/I/L and U/V are told apart by leaving O, I, L and U out.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

CODE_KEY = "code-key-"
RECEIPT_KEY = "receipt-key-1"


def ensure_keys(session: Session) -> None:
    """Make the site's lasting keys where they are missing; existing ones are never replaced."""
    present = set(session.scalars(select(SiteFact.name)))
    for name in (f"{CODE_KEY}1", RECEIPT_KEY):
        if name not in present:
            session.add(SiteFact(name=name, value=secrets.token_hex(32)))


def code_keys(session: Session | Connection) -> dict[int, bytes]:
    """The keys of window codes by version."""
    rows = session.execute(select(SiteFact.name, SiteFact.value).where(SiteFact.name.startswith(CODE_KEY)))
    return {int(name.removeprefix(CODE_KEY)): bytes.fromhex(value) for name, value in rows}


def receipt_key(session: Session | Connection) -> bytes:
    """The key from which receipts are derived, so that a replay shows the same one."""
    return bytes.fromhex(
        session.execute(select(SiteFact.value).where(SiteFact.name == RECEIPT_KEY)).scalar_one()
    )


def derived_code(key: bytes, text: str, length: int) -> str:
    """A code of `length` characters (5 bits each) that follows from a text under a key."""
    bits = int.from_bytes(hmac.new(key, text.encode(), hashlib.sha256).digest(), "big")
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in range(length))


def spelled(text: str) -> str:
    """A typed code as it was printed: upper case, without spaces and hyphens, look-alikes mended."""
    plain = "".join(sign for sign in text.upper() if sign.isascii() and sign.isalnum())
    return plain.translate(str.maketrans("OILU", "011V"))


def digest(text: str) -> str:
    """SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def random_id() -> int:
    """A random positive 63-bit number: ids that leak no sequence."""
    return secrets.randbits(62) + 1


FEW = 12  # bytes: 96 bits
_ready: list[bytes] = []


def few_bytes() -> bytes:
    """Twelve bytes of the system's chance, fetched for some hundred askers at once.

    Whoever asks the system lets another thread pass and waits for its turn; most need not.
    """
    while True:
        try:
            return _ready.pop()
        except IndexError:
            fetched = os.urandom(FEW * 256)
            _ready.extend([fetched[place : place + FEW] for place in range(0, len(fetched), FEW)])


# No child hands out what its parent holds ready.
os.register_at_fork(after_in_child=_ready.clear)
