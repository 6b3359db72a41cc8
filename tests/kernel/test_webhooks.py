"""A webhook is signed, goes where it was agreed upon and nowhere else, and is not waited for without end."""

import hashlib
import hmac
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from evalsys.kernel import clock, webhooks
from evalsys.kernel.outbox import Message, NotDelivered
from evalsys.kernel.receivers import Receiver, receivers
from evalsys.kernel.settings import Settings
from tests.certificates import make_certificate

SECRET = "a-secret-that-both-sides-know-and-nobody-else"
NOW = datetime(2026, 3, 2, 1, tzinfo=clock.UTC)
MESSAGE = Message("cases.overdue", {"no": "C-1", "light": "red"}, "case 1 红", NOW)


@dataclass
class Office:
    """A real server that notes what it is told and answers as it is told to."""

    port: int = 0
    answer: Callable[[BaseHTTPRequestHandler], None] = lambda handler: reply(handler, 204)
    heard: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


def reply(handler: BaseHTTPRequestHandler, status: int, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()


@contextmanager
def listening(context: ssl.SSLContext | None = None) -> Iterator[Office]:
    office = Office()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            office.heard.append((self.path, dict(self.headers), body))
            office.answer(self)

        def log_message(self, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Whoever hangs up in the middle is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    office.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield office
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def office() -> Iterator[Office]:
    with listening() as office:
        yield office


def send(address: str, *, private: bool = True) -> None:
    receiver = Receiver("cases", address, SECRET, private)
    (sender,) = webhooks.senders(Settings(webhooks=(receiver, Receiver("*", "file:///nowhere"))))
    sender.send(MESSAGE, NOW)


def test_a_receiver_can_check_who_wrote_and_when_and_knows_a_repeat(office: Office) -> None:
    send(f"http://127.0.0.1:{office.port}/in?from=hall")
    ((path, headers, body),) = office.heard
    assert path == "/in?from=hall"
    assert json.loads(body) == {
        "topic": "cases.overdue",
        "key": "case 1 红",
        "due_at": "2026-03-02T01:00:00+00:00",
        "payload": {"no": "C-1", "light": "red"},
    }
    signed = headers["Evalsys-Timestamp"].encode() + b"." + body
    wanted = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["Evalsys-Signature"] == f"sha256={wanted}"
    assert headers["Evalsys-Timestamp"] == str(int(NOW.timestamp()))
    assert headers["Idempotency-Key"] == "case%201%20%E7%BA%A2"
    assert headers["Content-Type"] == "application/json"


def test_a_private_address_is_called_only_where_that_was_said(office: Office) -> None:
    with pytest.raises(NotDelivered, match="private"):
        send(f"http://127.0.0.1:{office.port}/", private=False)
    assert office.heard == []


@pytest.mark.parametrize(
    ("address", "public", "private"),
    [
        ("93.184.216.34", True, True),
        ("2606:2800:220:1::1", True, True),
        ("127.0.0.1", False, True),
        ("10.1.2.3", False, True),
        ("172.16.0.1", False, True),
        ("192.168.1.1", False, True),
        ("100.64.0.1", False, True),
        ("::1", False, True),
        ("fd00::1", False, True),
        ("::ffff:10.1.2.3", False, True),
        ("2002:0a01:0203::1", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("224.0.0.1", False, False),
        ("0.0.0.0", False, False),
        ("255.255.255.255", False, False),
        ("::", False, False),
    ],
)
def test_which_addresses_may_be_called(address: str, *, public: bool, private: bool) -> None:
    assert webhooks.may_be_called(ip_address(address), private=False) is public
    assert webhooks.may_be_called(ip_address(address), private=True) is private


def test_one_private_address_among_those_of_a_name_is_enough_to_refuse(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(0, 0, 0, "", (address, port)) for address in ("93.184.216.34", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(NotDelivered, match="private"):
        send(f"https://hooks.example.test:{office.port}/", private=False)
    assert (asked, office.heard) == (["hooks.example.test"], [])


def moving_name(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let a name lead to this machine when first asked for, and elsewhere ever after; what was asked."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *rest: Any, **named: Any) -> Any:
        if host == "moving.example.test":
            host = "192.0.2.1" if host in asked else "127.0.0.1"
            asked.append("moving.example.test")
        return real(host, port, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_the_name_is_looked_up_once_and_that_address_called(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = moving_name(monkeypatch)
    send(f"http://moving.example.test:{office.port}/")
    assert asked == ["moving.example.test"]
    assert office.heard[0][1]["Host"] == f"moving.example.test:{office.port}"


def test_nobody_is_followed_to_another_address(office: Office) -> None:
    address = f"http://127.0.0.1:{office.port}/"
    office.answer = lambda handler: reply(handler, 307, Location=f"{address}elsewhere")
    with pytest.raises(NotDelivered, match="HTTP 307"):
        send(address)
    assert [path for path, _, _ in office.heard] == ["/"]


@pytest.mark.parametrize(("status", "silent"), [(400, False), (422, False), (429, True), (503, True)])
def test_a_no_of_the_receiver_is_told_apart_from_no_receiver(
    office: Office, status: int, *, silent: bool
) -> None:
    office.answer = lambda handler: reply(handler, status)
    with pytest.raises(NotDelivered, match=f"HTTP {status}") as fault:
        send(f"http://127.0.0.1:{office.port}/")
    assert fault.value.silent is silent


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Answer with a byte now and then, for as long as anybody listens."""
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.05)


def flood(handler: BaseHTTPRequestHandler) -> None:
    """Answer with headers without end, each of them short enough."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(10):
        handler.wfile.write(b"X-%d: " % number + b"x" * 30_000 + b"\r\n")
    handler.wfile.write(b"\r\n")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (drip, "no answer in time"),
        (flood, "no proper answer: ValueError"),
        (lambda handler: handler.wfile.write(b"hello\r\n\r\n"), "no proper answer: BadStatusLine"),
        (lambda handler: None, "RemoteDisconnected"),
    ],
)
def test_an_answer_that_is_none_is_not_waited_for(
    office: Office, monkeypatch: pytest.MonkeyPatch, answer: Callable[[Any], None], reason: str
) -> None:
    monkeypatch.setattr(webhooks, "WITHIN", 2.0)
    office.answer = answer
    with pytest.raises(NotDelivered, match=reason):
        send(f"http://127.0.0.1:{office.port}/")


def test_nobody_there_and_no_such_name_are_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(NotDelivered, match="ConnectionRefusedError") as fault:
            send(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert fault.value.silent
    with pytest.raises(NotDelivered, match="name is not found"):
        send("https://no-such-name.invalid/")


@pytest.fixture
def with_certificate(tmp_path: Path) -> Iterator[tuple[Office, Path]]:
    certificate, key = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with listening(context) as office:
        yield office, certificate


def test_a_certificate_is_checked_for_the_name(
    with_certificate: tuple[Office, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, certificate = with_certificate
    with pytest.raises(NotDelivered, match="TLS: CERTIFICATE_VERIFY_FAILED"):
        send(f"https://localhost:{office.port}/")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    send(f"https://localhost:{office.port}/")
    assert len(office.heard) == 1
    # Another name of the same machine: the address fits, the name does not.
    moving_name(monkeypatch)
    with pytest.raises(NotDelivered, match="TLS: CERTIFICATE_VERIFY_FAILED"):
        send(f"https://moving.example.test:{office.port}/")
    assert len(office.heard) == 1


def test_the_settings_say_where_to(tmp_path: Path) -> None:
    said = (
        f"cases https://hooks.example.gov.cn/in {SECRET}, "
        f"* http://10.0.0.5:8080/ {'s' * 32} private, orders file://{tmp_path}"
    )
    first, second, third = receivers(said)
    assert (first.topic, first.private, second.private, third.secret) == ("cases", False, True, "")
    assert "example.gov.cn" in first.name
    assert SECRET not in repr(first)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("https://hooks.example.gov.cn", "TOPIC ADDRESS SECRET"),
        ("cases", "TOPIC ADDRESS SECRET"),
        ("private", "TOPIC ADDRESS SECRET"),
        ("cases https://a.example short", "32 characters"),
        (f"cases http://a.example {'s' * 32}", "https://"),
        (f"cases ftp://a.example {'s' * 32} private", "https://"),
        (f"cases https://u:p@a.example {'s' * 32}", "such as"),
        (f"cases https:// {'s' * 32}", "such as"),
        (f"cases https://a.example:99999/ {'s' * 32}", "ort"),
        ("cases file://host/folder", "https://"),
        (f"c https://a.example/ {'s' * 32}, c https://a.example/ {'s' * 32}", "twice"),
    ],
)
def test_a_faulty_receiver_is_named(said: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        receivers(said)
