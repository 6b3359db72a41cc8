"""The ciphers themselves; what was changed on the way or belongs elsewhere raises ValueError."""

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_TAG = 16  # bytes, as GCM wants it


def aes_sealed(key: bytes, nonce: bytes, text: bytes, about: bytes) -> bytes:
    """AES-256-GCM: what the cipher makes, with its tag at the end."""
    return AESGCM(key).encrypt(nonce, text, about)


def aes_opened(key: bytes, nonce: bytes, sealed: bytes, about: bytes) -> bytes:
    """The text of `aes_sealed`."""
    try:
        return AESGCM(key).decrypt(nonce, sealed, about)
    except InvalidTag as fault:
        raise ValueError("not what was sealed") from fault


def _sm4_key(key: bytes) -> algorithms.SM4:
    """SM4 takes 128 bits: its key follows from ours and is never the half of it."""
    return algorithms.SM4(hashlib.sha256(b"evalsys contacts sm4" + key).digest()[:16])


def sm4_sealed(key: bytes, nonce: bytes, text: bytes, about: bytes) -> bytes:
    """SM4-GCM (GB/T 32907): what the cipher makes, with its tag at the end."""
    made = Cipher(_sm4_key(key), modes.GCM(nonce)).encryptor()
    made.authenticate_additional_data(about)
    return made.update(text) + made.finalize() + made.tag


def sm4_opened(key: bytes, nonce: bytes, sealed: bytes, about: bytes) -> bytes:
    """The text of `sm4_sealed`."""
    # A shorter tag would be easier to guess: what was cut is refused here already.
    made = Cipher(_sm4_key(key), modes.GCM(nonce, sealed[-_TAG:], min_tag_length=_TAG)).decryptor()
    made.authenticate_additional_data(about)
    try:
        return made.update(sealed[:-_TAG]) + made.finalize()
    except InvalidTag as fault:
        raise ValueError("not what was sealed") from fault
