"""Keys of forms and codes of receipts, as the citizen's pages carry them."""

from typing import Any

from flask import Flask, current_app, request, url_for

from evalsys.evaluation.rules.keys import form_key
from evalsys.kernel import clock, secrets
from evalsys.kernel.database import db

RECEIPT_LENGTH = 12  # 60 bits
_KEPT = "evalsys.receipt-key"
_CODE_KEYS = "evalsys.code-keys"


def fresh_key() -> str:
    """A key for one form, signed with the moment it was opened."""
    return fresh_key_for(current_app)


def fresh_key_for(app: Flask) -> str:
    """The same where no application is at work yet."""
    return form_key(clock.now(), secrets.few_bytes(), _signing_key_of(app))


def signing_key() -> bytes:
    """The key that signs form keys; it may change, a form lives a day."""
    return _signing_key_of(current_app)


def _signing_key_of(app: Flask) -> bytes:
    return str(app.config["SECRET_KEY"]).encode()


def code_keys() -> dict[int, bytes]:
    """The keys of window codes, kept: they are only ever added to, by `evalsys upgrade` before a start."""
    kept = current_app.extensions
    if _CODE_KEYS not in kept:
        kept[_CODE_KEYS] = secrets.code_keys(db.session())
    known: dict[int, bytes] = kept[_CODE_KEYS]
    return known


def receipt_of(key: str) -> str:
    """The receipt of a form key, so that a replay is shown the same one: 7K3M-9QXD-4TWZ."""
    kept = current_app.extensions
    if _KEPT not in kept:
        kept[_KEPT] = secrets.receipt_key(db.session())
    return grouped(secrets.derived_code(kept[_KEPT], key, RECEIPT_LENGTH))


def grouped(code: str) -> str:
    """A receipt in groups of four, as it is read out and written down."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def receipt_hash(receipt: str) -> str:
    """What is kept of a receipt, however it was typed."""
    return secrets.digest(secrets.spelled(receipt))


def receipt_url(receipt: str, kept: str | None = None) -> str:
    """A receipt's address, with language and letter size as chosen; `kept` names what was saved."""
    ways = {name: request.args[name] for name in ("lang", "size") if name in request.args}
    values: dict[str, Any] = {"receipt": receipt, "kept": kept, **ways}
    return url_for("evaluation.receipt", **values)
