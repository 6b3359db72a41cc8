"""Where messages go to, and the keys of what is sealed, as the settings say it."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

ANY_TOPIC = "*"
_SECRET = 32  # characters at least
_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,20}")


@dataclass(frozen=True)
class Receiver:
    """A system, or a folder, that gets the messages of a topic.

    `private` lets the address lie in a network of one's own; a folder has no secret.
    """

    topic: str
    address: str
    secret: str = field(default="", repr=False)
    private: bool = False

    @property
    def parts(self) -> SplitResult:
        """The address, taken apart."""
        return urlsplit(self.address)

    @property
    def name(self) -> str:
        """What its deliveries are kept under: the host or folder and a hash, never what the address holds."""
        mark = hashlib.sha256(f"{self.topic} {self.address}".encode()).hexdigest()[:8]
        return f"{(self.parts.hostname or self.parts.path)[-100:]} {mark}"


@dataclass(frozen=True)
class MailServer:
    """A mail server and whom it writes to."""

    host: str
    port: int
    implicit: bool  # TLS from the first byte on; else STARTTLS, without which nothing is sent
    sender: str
    to: tuple[str, ...]
    topic: str = ANY_TOPIC
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def name_of(self, to: str) -> str:
        """What the deliveries to an address are kept under; it does not show the address."""
        mark = hashlib.sha256(f"{self.topic} {to}".encode()).hexdigest()[:8]
        return f"mail {self.host[-80:]} {mark}"


def is_of(topic: str, wanted: str) -> bool:
    """Whether a topic is the wanted one or lies below it: `cases.overdue` is of `cases`."""
    return wanted in (ANY_TOPIC, topic) or topic.startswith(f"{wanted}.")


def receivers(value: str) -> tuple[Receiver, ...]:
    """Read `TOPIC ADDRESS [SECRET] [private]`, several separated by commas; raises ValueError."""
    found = tuple(_receiver(entry.split()) for entry in value.split(",") if entry.strip())
    if len({receiver.name for receiver in found}) < len(found):
        raise ValueError("names the same receiver twice")
    return found


def _receiver(words: list[str]) -> Receiver:
    private = words[-1] == "private"
    said = words[:-1] if private else words
    if len(said) not in (2, 3):
        raise ValueError("needs TOPIC ADDRESS SECRET [private], several separated by commas")
    topic, address, secret = (*said, "")[:3]
    parts = urlsplit(address)
    if parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc and not secret:
        return Receiver(topic, address)
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise ValueError("an address begins with https:// (http:// only where private), or file:///")
    if not parts.hostname or parts.username or parts.fragment or not address.isascii() or parts.port == 0:
        raise ValueError("needs an address such as https://hooks.example.gov.cn/evalsys")
    if len(secret) < _SECRET:
        raise ValueError(f"needs a secret of at least {_SECRET} characters after each address")
    return Receiver(topic, address, secret, private)


def mail_server(value: str) -> MailServer:
    """Read `smtps://USER:PASSWORD@HOST[:PORT]/?from=…&to=…[&topic=…]`; raises ValueError."""
    parts = urlsplit(value)
    said = parse_qs(parts.query)
    people = tuple(one for entry in said.get("to", ()) for one in entry.split(",") if one)
    sender = said.get("from", [""])[0]
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or set(said) - {"from", "to", "topic"}:
        raise ValueError("needs smtps://USER:PASSWORD@HOST/?from=ADDRESS&to=ADDRESS (smtp:// for STARTTLS)")
    if not people or any(not re.fullmatch(r"[^@\s]+@[^@\s]+", one) for one in (sender, *people)):
        raise ValueError("needs ?from=ADDRESS&to=ADDRESS, several after to separated by commas")
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if parts.scheme == "smtps" else 587),
        implicit=parts.scheme == "smtps",
        sender=sender,
        to=people,
        topic=said.get("topic", [ANY_TOPIC])[0],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def keys(value: str) -> tuple[tuple[str, bytes], ...]:
    """Read `ID:BASE64` of 32 bytes each, several separated by commas; raises ValueError."""
    found = []
    for entry in value.split(","):
        key_id, _, encoded = entry.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != 32 or not _KEY_ID.fullmatch(key_id):
            raise ValueError("needs ID:KEY with 32 bytes in base64, several separated by commas")
        found.append((key_id, key))
    if len(dict(found)) < len(found):
        raise ValueError("names a key twice")
    return tuple(found)
