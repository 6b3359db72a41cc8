"""What leads to a person, sealed where it is kept: readable only with a key that is not in the database."""

import base64
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evalsys.kernel import settings
from evalsys.kernel.refusals import Refused
from evalsys.kernel.settings import Settings
from evalsys.kernel.words import N_

KEPT_KEY = "contact-key"  # the file in the instance folder, where no keys are set
KEPT_ID = "kept"
_NONCE = 12  # bytes, as GCM wants it
_FORM = 1  # of the blob: form, length of the key's id, the id, nonce, what AES-256-GCM made


class CannotOpen(Refused):
    """A sealed text whose key is not at hand, that was changed, or that belongs elsewhere."""


def seal(text: str, about: str) -> bytes:
    """The text under the first key, bound to what it is about: elsewhere it does not open."""
    key_id, key = next(iter(_keys(settings.current()).items()))
    head = bytes([_FORM, len(key_id)]) + key_id.encode()
    nonce = secrets.token_bytes(_NONCE)
    return head + nonce + AESGCM(key).encrypt(nonce, text.encode(), head + about.encode())


def open_sealed(blob: bytes, about: str) -> str:
    """The text of a sealed one; raises CannotOpen."""
    key_id, head = _head(blob)
    key = _keys(settings.current()).get(key_id)
    if key is None:
        raise CannotOpen(N_("打不开:缺少编号为“{key}”的密钥。请告诉系统管理员。"), key=key_id)
    nonce, sealed = blob[len(head) : len(head) + _NONCE], blob[len(head) + _NONCE :]
    try:
        return AESGCM(key).decrypt(nonce, sealed, head + about.encode()).decode()
    except (InvalidTag, ValueError) as fault:
        raise CannotOpen(N_("打不开:内容被改动过,或不属于这里。请告诉系统管理员。")) from fault


def reseal(blob: bytes, about: str) -> bytes:
    """The same under the first key; unchanged where it is under that key already."""
    if _head(blob)[0] == next(iter(_keys(settings.current()))):
        return blob
    return seal(open_sealed(blob, about), about)


def _head(blob: bytes) -> tuple[str, bytes]:
    if len(blob) < 2 or blob[0] != _FORM:
        raise CannotOpen(N_("打不开:内容被改动过,或不属于这里。请告诉系统管理员。"))
    head = blob[: 2 + blob[1]]
    return head[2:].decode("ascii", "replace"), head


def _keys(here: Settings) -> dict[str, bytes]:
    """The keys by id, the sealing one first: those of the settings, then the one the site made itself."""
    keys = dict(here.contact_keys)
    kept = here.instance / KEPT_KEY
    if not keys or kept.exists():
        keys.setdefault(KEPT_ID, _kept_key(kept))
    return keys


def _kept_key(file: Path) -> bytes:
    """The key in the instance folder, made on first need; two processes at once make one."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        made = file.with_name(f"{KEPT_KEY}-{secrets.token_hex(8)}")
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as writing:
            writing.write(base64.b64encode(secrets.token_bytes(32)))
            writing.flush()
            os.fsync(writing.fileno())
        try:
            os.link(made, file)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return base64.b64decode(file.read_bytes())
