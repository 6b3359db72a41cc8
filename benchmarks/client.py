"""A load client of our own: raw keep-alive sockets in one process, the same for both sides of a pair.

It shares the machine with the server, so it does as little as it can: one poll for many sockets, one
receive and one send for each answer. `Load.client` says what an answer costs it.
"""

import select
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import quantiles

HEAD_ENDS = b"\r\n\r\n"
LENGTH = b"content-length:"
STUCK = 60.0  # seconds without any answer


class Unexpected(RuntimeError):
    """The server answered something else than the benchmark expects."""


@dataclass(frozen=True)
class Load:
    """What one run showed: answers in a second; how long answers took, in milliseconds; what an answer cost.

    `client` and `server` are the microseconds of processor time an answer cost each side, the server's being
    0 where nobody looked.
    """

    rate: float
    p50: float
    p99: float
    longest: float
    client: float = 0.0
    server: float = 0.0


class _Client:
    """One connection: a request goes out, its answer comes in, then the next."""

    __slots__ = ("_received", "sent_at", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=STUCK)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self._received = b""

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def take(self) -> bytes | None:
        """The answer once the whole of it is there."""
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise Unexpected("the server closed a connection")
        received = self._received + chunk if self._received else chunk
        end = received.find(HEAD_ENDS)
        if end < 0 or len(received) < end + len(HEAD_ENDS) + _length(received[:end]):
            self._received = received
            return None
        self._received = b""
        return received


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(LENGTH)
    if not found:
        raise Unexpected(f"an answer without a length: {head[:200]!r}")
    return int(rest.partition(b"\r\n")[0])


def load(
    port: int,
    requests: Iterable[bytes],
    clients: int,
    status: int,
    *,
    spent: Callable[[], float] | None = None,
    seconds: float = STUCK,
) -> Load:
    """Send requests over that many kept-alive connections, each waiting for its answer.

    Ends when all are answered, or none is sent any more after that many seconds. `spent` tells the seconds
    of processor time the server has used so far. Raises Unexpected for any answer with another status: a
    figure of refusals is no figure.
    """
    wanted = f" {status} ".encode()
    took: list[float] = []
    with ExitStack() as opened:
        poll = opened.enter_context(select.epoll())
        connected: dict[int, _Client] = {}
        for _ in range(clients):
            client = _Client(port)
            opened.enter_context(client.socket)
            connected[client.socket.fileno()] = client
            poll.register(client.socket, select.EPOLLIN)
        before = spent() if spent else 0.0
        began, own = time.perf_counter(), time.process_time()
        waiting = _until(began + seconds, iter(requests))
        asking = sum(_next(client, waiting) for client in connected.values())
        while asking:
            ready = poll.poll(STUCK)
            if not ready:
                raise Unexpected(f"no answer within {STUCK:.0f} seconds")
            for number, _ in ready:
                client = connected[number]
                answer = client.take()
                if answer is None:
                    continue
                took.append(time.perf_counter() - client.sent_at)
                if answer[8:13] != wanted:
                    raise Unexpected(f"{answer[9:12]!r} in place of {status}: {answer[:800]!r}")
                if not _next(client, waiting):
                    poll.unregister(client.socket)
                    asking -= 1
        passed, own = time.perf_counter() - began, time.process_time() - own
        used = spent() - before if spent else 0.0
    return _figures(took, passed, own, used)


def _until(end: float, requests: Iterator[bytes]) -> Iterator[bytes]:
    for request in requests:
        if time.perf_counter() > end:
            return
        yield request


def _next(client: _Client, waiting: Iterator[bytes]) -> bool:
    request = next(waiting, None)
    if request is None:
        return False
    client.send(request)
    return True


def _figures(took: list[float], seconds: float, own: float, used: float) -> Load:
    cuts = quantiles(took, n=100, method="inclusive")
    each = 1_000_000 / len(took)
    return Load(
        rate=len(took) / seconds,
        p50=cuts[49] * 1000,
        p99=cuts[98] * 1000,
        longest=max(took) * 1000,
        client=own * each,
        server=used * each,
    )


def exchange(port: int, request: bytes) -> bytes:
    """One request and its whole answer."""
    client = _Client(port)
    with client.socket:
        client.send(request)
        while (answer := client.take()) is None:
            pass
        return answer


def get(path: str, cookie: str = "", *, packed: bool = False) -> bytes:
    """A GET request in the fewest headers; `packed` as every browser sends it: the answer may be gzip."""
    more = f"Cookie: {cookie}\r\n" if cookie else ""
    more += "Accept-Encoding: gzip\r\n" if packed else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n{more}\r\n".encode()


def post(path: str, body: str, cookie: str = "") -> bytes:
    """A form as a browser would post it."""
    kept = f"Cookie: {cookie}\r\n" if cookie else ""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"{kept}Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
