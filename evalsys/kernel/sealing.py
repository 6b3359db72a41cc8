"""What leads to a person, sealed where it is kept: readable only with a key that is not in the database."""

import base64
import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evalsys.kernel import settings
from evalsys.kernel.refusals import Refused
from evalsys.kernel.settings import Settings
from evalsys.kernel.words import N_

KEPT_KEY = "contact-key"  # the file in the instance folder, where no keys are set
KEPT_ID = "kept"
# A blob: its form, the length of the key's id, the id, nonce, what the cipher made with its tag at the end.
_AES, _SM4 = 1, 2
_FORM_OF = {"aes-256-gcm": _AES, "sm4-gcm": _SM4}
_NONCE, _TAG = 12, 16  # bytes, as GCM wants them


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
    return head + nonce + _CIPHERS[head[0]][0](key, nonce, text.encode(), head + about.encode())


def open_sealed(blob: bytes, about: str) -> str:
    """The text of a sealed one; raises CannotOpen."""
    key_id, head = _head(blob)
    key = _keys(settings.current()).get(key_id)
    if key is None:
        raise CannotOpen(N_("打不开:缺少编号为“{key}”的密钥。请告诉系统管理员。"), key=key_id)
    nonce, sealed = blob[len(head) : len(head) + _NONCE], blob[len(head) + _NONCE :]
    try:
        return _CIPHERS[head[0]][1](key, nonce, sealed, head + about.encode()).decode()
    except (InvalidTag, ValueError) as fault:
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


def _aes(key: bytes, nonce: bytes, text: bytes, about: bytes) -> bytes:
    return AESGCM(key).encrypt(nonce, text, about)


def _aes_opened(key: bytes, nonce: bytes, sealed: bytes, about: bytes) -> bytes:
    return AESGCM(key).decrypt(nonce, sealed, about)


def _sm4_key(key: bytes) -> algorithms.SM4:
    """SM4 takes 128 bits: its key follows from ours and is never the half of it."""
    return algorithms.SM4(hashlib.sha256(b"evalsys contacts sm4" + key).digest()[:16])


def _sm4(key: bytes, nonce: bytes, text: bytes, about: bytes) -> bytes:
    made = Cipher(_sm4_key(key), modes.GCM(nonce)).encryptor()
    made.authenticate_additional_data(about)
    return made.update(text) + made.finalize() + made.tag


def _sm4_opened(key: bytes, nonce: bytes, sealed: bytes, about: bytes) -> bytes:
    # A shorter tag would be easier to guess: what was cut is refused here already.
    made = Cipher(_sm4_key(key), modes.GCM(nonce, sealed[-_TAG:], min_tag_length=_TAG)).decryptor()
    made.authenticate_additional_data(about)
    return made.update(sealed[:-_TAG]) + made.finalize()


_Turn = Callable[[bytes, bytes, bytes, bytes], bytes]
_CIPHERS: dict[int, tuple[_Turn, _Turn]] = {_AES: (_aes, _aes_opened), _SM4: (_sm4, _sm4_opened)}


def _head(blob: bytes) -> tuple[str, bytes]:
    if len(blob) < 2 or blob[0] not in _CIPHERS:
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
