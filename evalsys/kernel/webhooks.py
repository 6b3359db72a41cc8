"""Webhooks: a signed POST to an address looked up once, with no way aside and an end in sight."""

import hashlib
import hmac
import io
import json
import socket
import ssl
import time
from datetime import datetime
from functools import partial
from http.client import HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, cast
from urllib.parse import quote, urlunsplit

from evalsys.kernel.outbox import Message, NotDelivered, Sender
from evalsys.kernel.receivers import Receiver
from evalsys.kernel.settings import Settings

WITHIN = 5.0  # seconds for everything once the name is looked up
LARGEST_ANSWER = 64 * 1024  # bytes; only its first line matters
_PORTS = {"http": 80, "https": 443}


def senders(settings: Settings) -> list[Sender]:
    """A sender for each address of the settings."""
    return [
        Sender(receiver.name, receiver.topic, partial(_send, receiver))
        for receiver in settings.webhooks
        if receiver.parts.scheme in _PORTS
    ]


def body_of(message: Message) -> bytes:
    """What is posted: topic, key, when it fell due, payload."""
    said = {
        "topic": message.topic,
        "key": message.dedupe_key,
        "due_at": message.due_at.isoformat(),
        "payload": message.payload,
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp (Unix seconds), a full stop and the body, in hex."""
    return hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def _send(receiver: Receiver, message: Message, now: datetime) -> None:
    place = _looked_up(receiver)
    until = time.monotonic() + WITHIN
    try:
        with _connected(receiver, place, until) as connection:
            connection.sendall(_request(receiver, message, int(now.timestamp())))
            answer = HTTPResponse(cast(Any, _Answer(connection, until)))
            answer.begin()
    except TimeoutError as fault:
        raise NotDelivered("no answer in time", silent=True) from fault
    except ssl.SSLError as fault:
        raise NotDelivered(f"TLS: {fault.reason}", silent=True) from fault
    except OSError as fault:
        raise NotDelivered(type(fault).__name__, silent=True) from fault
    except (HTTPException, ValueError) as fault:
        raise NotDelivered(f"no proper answer: {type(fault).__name__}") from fault
    if not 200 <= answer.status < 300:
        # Another address in the answer is not followed: it was not agreed upon.
        raise NotDelivered(f"HTTP {answer.status}", silent=answer.status >= 500 or answer.status == 429)


def _looked_up(receiver: Receiver) -> tuple[str, int]:
    """The one address to connect to; raises NotDelivered where any of the name's must not be called."""
    parts = receiver.parts
    port = parts.port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise NotDelivered("the name is not found", silent=True) from fault
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not all(may_be_called(address, private=receiver.private) for address in addresses):
        raise NotDelivered("the address lies in a private network", silent=True)
    return str(addresses[0]), port


def may_be_called(address: IPv4Address | IPv6Address, *, private: bool) -> bool:
    """Whether a webhook may go to an address: the internet, and one's own network where that is allowed.

    Addresses of IPv4 wrapped into IPv6 are unwrapped first; those of machines on the same cable (where clouds
    keep their secrets) are never called.
    """
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or address
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    if address.is_reserved and not address.is_loopback:
        return False
    return private or address.is_global


def _connected(receiver: Receiver, place: tuple[str, int], until: float) -> socket.socket:
    plain = socket.create_connection(place, timeout=_left(until))
    if receiver.parts.scheme == "http":
        return plain
    try:
        plain.settimeout(_left(until))
        # The certificate is checked for the name, not for the address that was looked up.
        return ssl.create_default_context().wrap_socket(plain, server_hostname=receiver.parts.hostname)
    except OSError:
        plain.close()
        raise


def _request(receiver: Receiver, message: Message, timestamp: int) -> bytes:
    parts, body = receiver.parts, body_of(message)
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "User-Agent": "evalsys",
        "Idempotency-Key": quote(message.dedupe_key),
        "Evalsys-Topic": quote(message.topic),
        "Evalsys-Timestamp": str(timestamp),
        "Evalsys-Signature": f"sha256={signature(receiver.secret, timestamp, body)}",
        "Connection": "close",
    }
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Answer(io.RawIOBase):
    """What comes back on a connection, up to a moment and a size."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection = connection
        self._until = until
        self._taken = 0

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Itself, as HTTPResponse asks for it."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes; raises TimeoutError when the time is over, ValueError when it is too much."""
        self._connection.settimeout(_left(self._until))
        taken = self._connection.recv_into(buffer)
        self._taken += taken
        if self._taken > LARGEST_ANSWER:
            raise ValueError("the answer is too large")
        return taken
