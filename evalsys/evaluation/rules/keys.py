"""Keys and hashes: when a form was opened, and what stands for words and devices."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

FORM_LIFE = timedelta(hours=24)  # how long the moment a form was opened is believed

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


def is_key(text: str) -> bool:
    """Whether a text can be a submission key: 16–64 URL-safe characters."""
    return _KEY.fullmatch(text) is not None


def form_key(opened_at: datetime, chance: bytes, secret: bytes) -> str:
    """A fresh key for one rating form: the moment of opening, twelve bytes of chance, and their signature.

    48 URL-safe characters. The moment decides who was on duty, so that a citizen cannot be made to
    rate somebody else by a form kept open and a citizen's phone clock plays no part.
    """
    body = int(opened_at.timestamp()).to_bytes(5, "big") + chance[:12]
    return urlsafe_b64encode(body + _signature(body, secret)).decode().rstrip("=")


def opened_at_of(key: str, secret: bytes, now: datetime) -> datetime:
    """When the form of a key was opened: `now` for keys not made here, from the future, or over a day old."""
    try:
        raw = urlsafe_b64decode(key + "=" * (-len(key) % 4))
    except ValueError:
        return now
    body, signature = raw[:17], raw[17:]
    if len(raw) != 33 or not hmac.compare_digest(signature, _signature(body, secret)):
        return now
    opened_at = datetime.fromtimestamp(int.from_bytes(body[:5], "big"), UTC)
    return opened_at if now - FORM_LIFE <= opened_at <= now else now


def _signature(body: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, b"form-key" + body, hashlib.sha256).digest()[:16]


def text_hash(salt: bytes, text: str) -> str:
    """The salted SHA-256 that stands for a text in every seal, so that redaction leaves seals whole."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def device_mark(secret: bytes, device: str) -> str:
    """A device's mark for one day; without the day's key it says nothing."""
    return hmac.new(secret, device.encode(), hashlib.sha256).hexdigest()[:32]
