"""Passwords and tokens: made at random, kept as hashes."""

import secrets
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from evalsys.kernel.secrets import ALPHABET, digest

# OWASP's least for Argon2id: 19 MiB, two passes, one lane; a worker's memory stays small.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Verified where there is no such account, so that a wrong name takes as long as a wrong password.
_NOBODY = _HASHER.hash("nobody")

UNUSABLE = "!"


@dataclass(frozen=True)
class First:
    """A first password and its hash; hashing is slow on purpose, so they are made before anybody writes."""

    words: str = field(repr=False)
    hash: str = field(repr=False)


def first_password() -> str:
    """A random first password of 60 bits, in three groups easy to type: 7K3M-9QXD-4TWZ."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return "-".join(signs[place : place + 4] for place in (0, 4, 8))


def first(words: str = "") -> First:
    """A first password with its hash; random unless given."""
    chosen = words or first_password()
    return First(chosen, hashed(chosen))


def hashed(password: str) -> str:
    """The Argon2id hash of a password."""
    return _HASHER.hash(password)


def fits(password: str, password_hash: str | None) -> bool:
    """Whether a password belongs to a hash; takes as long without one, or with one no password fits."""
    usable = password_hash not in (None, UNUSABLE)
    try:
        return _HASHER.verify(password_hash if password_hash and usable else _NOBODY, password) and usable
    except (VerificationError, InvalidHashError):
        return False


def attempt_hash(name: str, address: str) -> str:
    """What failed sign-ins are counted under: the name tried, whether it exists or not, and from where."""
    return digest(f"{name.strip()}\0{address}")


def code_attempt(account_id: int, address: str) -> str:
    """What failed codes of an account are counted under, from one address or, with '', from everywhere."""
    return digest(f"code of account {account_id}\0{address}\0")


def own_attempt(session_id: int) -> str:
    """What wrong old passwords are counted under: the sign-in they were typed in; no other is slowed."""
    return digest(f"old password in {session_id}\0\0")


def new_token() -> str:
    """A random token of 256 bits for a session or the JSON interface."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return digest(token)
