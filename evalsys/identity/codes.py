"""Codes of the second step: those a telephone shows (RFC 6238), and those kept on paper for a lost one."""

import hmac
import secrets
from datetime import datetime

import pyotp

from evalsys.kernel.secrets import ALPHABET, digest, spelled

SECONDS = 30  # of one step
_AROUND = (0, -1, 1)  # a telephone's clock may be half a minute off
_LENGTH = 12  # signs of a recovery code, 60 bits


def new_secret() -> str:
    """A random secret of 160 bits, in base32 as telephones take it."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step a code of six digits belongs to, among the present one and its neighbours; None for none."""
    typed = "".join(code.split())
    if not (len(typed) == 6 and typed.isascii() and typed.isdigit()):
        return None
    present = int(now.timestamp()) // SECONDS
    shown = pyotp.TOTP(secret)
    for step in (present + offset for offset in _AROUND):
        if hmac.compare_digest(shown.generate_otp(step), typed):
            return step
    return None


def address(secret: str, account: str, site: str) -> str:
    """What a telephone reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=site)


def new_recovery_codes(count: int) -> list[str]:
    """Random codes in three groups easy to type: 7K3M-9QXD-4TWZ."""
    made = ("".join(secrets.choice(ALPHABET) for _ in range(_LENGTH)) for _ in range(count))
    return ["-".join(signs[place : place + 4] for place in (0, 4, 8)) for signs in made]


def recovery_hash(code: str) -> str | None:
    """What is kept of a recovery code, as it was typed; None for what cannot be one."""
    plain = spelled(code)
    return digest(f"recovery code {plain}") if len(plain) == _LENGTH else None
