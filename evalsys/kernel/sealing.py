"""What leads to a person, sealed where it is kept: readable only with a key that is not in the database."""

import base64
import importlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evalsys.kernel import settings
from evalsys.kernel.refusals import Refused
from evalsys.kernel.settings import Settings
from evalsys.kernel.words import N_

KEPT_KEY = "contact-key"  # the file in the instance folder, where no keys are set
KEPT_ID = "kept"
# A blob: its form, the length of the key's id, the id, nonce, what the cipher made with its tag at the end.
_AES, _SM4 = 1, 2
_FORM_OF = {"aes-256-gcm": _AES, "sm4-gcm": _SM4}
_NAMES = {_AES: "aes", _SM4: "sm4"}
_NONCE = 12  # bytes, as GCM wants it


class CannotOpen(Refused):
    """A sealed text whose key is not at hand, that was changed, or that belongs elsewhere."""


@dataclass
class Resealed:
    """What a change of keys has done so far; `stuck` counts what does not open, by what is said of it."""

    renewed: int = 0
    as_it_was: int = 0
    stuck: dict[str, int] = field(default_factory=dict)

    def take(self, blob: bytes, about: str) -> bytes | None:
        """A sealed text under the first key; None where it stays: it is so already, or does not open."""
        try:
            anew = reseal(blob, about)
        except CannotOpen as fault:
            self.stuck[str(fault)] = self.stuck.get(str(fault), 0) + 1
            return None
        if anew == blob:
            self.as_it_was += 1
            return None
        self.renewed += 1
        return anew

    def __iadd__(self, more: "Resealed") -> "Resealed":
        self.renewed += more.renewed
        self.as_it_was += more.as_it_was
        for words, n in more.stuck.items():
            self.stuck[words] = self.stuck.get(words, 0) + n
        return self


def seal(text: str, about: str) -> bytes:
    """The text under the first key, bound to what it is about: elsewhere it does not open."""
    key_id, key = next(iter(_keys(settings.current()).items()))
    head = bytes([_present_form(), len(key_id)]) + key_id.encode()
    nonce = secrets.token_bytes(_NONCE)
    sealed: bytes = _turn(head[0], "sealed")(key, nonce, text.encode(), head + about.encode())
    return head + nonce + sealed


def open_sealed(blob: bytes, about: str) -> str:
    """The text of a sealed one; raises CannotOpen."""
    key_id, head = _head(blob)
    key = _keys(settings.current()).get(key_id)
    if key is None:
        raise CannotOpen(N_("打不开:缺少编号为“{key}”的密钥。请告诉系统管理员。"), key=key_id)
    nonce, sealed = blob[len(head) : len(head) + _NONCE], blob[len(head) + _NONCE :]
    try:
        return str(_turn(head[0], "opened")(key, nonce, sealed, head + about.encode()).decode())
    except ValueError as fault:
        raise CannotOpen(N_("打不开:内容被改动过,或不属于这里。请告诉系统管理员。")) from fault


def reseal(blob: bytes, about: str) -> bytes:
    """The same under the first key and the present cipher; unchanged where it is sealed so already."""
    if _is_present(blob):
        return blob
    return seal(open_sealed(blob, about), about)


def key_ids() -> tuple[str, ...]:
    """The ids of the keys at hand, the sealing one first."""
    return tuple(_keys(settings.current()))


def key_id_of(blob: bytes) -> str:
    """The id of the key a text was sealed under; raises CannotOpen for what was never sealed."""
    return _head(blob)[0]


def _present_form() -> int:
    return _FORM_OF[settings.current().contact_cipher]


def _is_present(blob: bytes) -> bool:
    key_id, head = _head(blob)
    return head[0] == _present_form() and key_id == key_ids()[0]


def _turn(form: int, way: str) -> Any:
    """How a form seals or opens; the library behind it is loaded by whoever first needs it."""
    return getattr(importlib.import_module("evalsys.kernel.ciphers"), f"{_NAMES[form]}_{way}")


def _head(blob: bytes) -> tuple[str, bytes]:
    if len(blob) < 2 or blob[0] not in _NAMES:
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
