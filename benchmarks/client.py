"""A load client of our own: raw keep-alive sockets in one process, the same for both sides of a pair."""

import selectors
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import quantiles

HEAD_ENDS = b"\r\n\r\n"


class Unexpected(RuntimeError):
    """The server answered something else than the benchmark expects."""


@dataclass(frozen=True)
class Load:
    """What one run showed: answers in a second, and how long answers took, in milliseconds."""

    rate: float
    p50: float
    p99: float
    longest: float


@dataclass
class _Client:
    """One connection: a request goes out, its answer comes in, then the next."""

    socket: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def send(self, request: bytes) -> None:
        self.received.clear()
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def take(self) -> tuple[int, bytes] | None:
        """The status and body, once the whole answer is there."""
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise Unexpected("the server closed a connection")
        self.received += chunk
        end = self.received.find(HEAD_ENDS)
        if end < 0:
            return None
        head = bytes(self.received[:end]).lower()
        length = _length(head)
        body = self.received[end + len(HEAD_ENDS) :]
        if len(body) < length:
            return None
        return int(head[9:12]), bytes(body[:length])


def _length(head: bytes) -> int:
    _, found, rest = head.partition(b"content-length:")
    if not found:
        raise Unexpected(f"an answer without a length: {head[:200]!r}")
    return int(rest.split(b"\r\n", 1)[0])


def load(port: int, requests: Iterable[bytes], clients: int, status: int) -> Load:
    """Send every request over that many kept-alive connections, each waiting for its answer.

    Raises Unexpected for any answer with another status: a figure of refusals is no figure.
    """
    waiting = iter(requests)
    took: list[float] = []
    with ExitStack() as opened:
        selector = opened.enter_context(selectors.DefaultSelector())
        connected = [_Client(opened.enter_context(_connection(port))) for _ in range(clients)]
        began = time.perf_counter()
        for client in connected:
            _next(client, waiting, selector)
        while selector.get_map():
            for key, _ in selector.select():
                client = key.data
                answer = client.take()
                if answer is None:
                    continue
                took.append(time.perf_counter() - client.sent_at)
                if answer[0] != status:
                    raise Unexpected(f"{answer[0]} in place of {status}: {answer[1][:400]!r}")
                selector.unregister(client.socket)
                _next(client, waiting, selector)
        seconds = time.perf_counter() - began
    return _figures(took, seconds)


def _connection(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _next(client: _Client, waiting: Iterator[bytes], selector: selectors.BaseSelector) -> None:
    request = next(waiting, None)
    if request is not None:
        client.send(request)
        selector.register(client.socket, selectors.EVENT_READ, client)


def _figures(took: list[float], seconds: float) -> Load:
    cuts = quantiles(took, n=100, method="inclusive")
    return Load(rate=len(took) / seconds, p50=cuts[49] * 1000, p99=cuts[98] * 1000, longest=max(took) * 1000)


def get(path: str) -> bytes:
    """A GET request as a phone would send it, in the fewest headers."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n".encode()


def post(path: str, body: str) -> bytes:
    """A form as a browser would post it."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
