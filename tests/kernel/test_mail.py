"""Mail goes out under TLS alone, to each address by itself, and tells no number that leads to a person."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from evalsys.kernel import clock, mail
from evalsys.kernel.outbox import Message, NotDelivered
from evalsys.kernel.receivers import MailServer, mail_server
from evalsys.kernel.settings import Settings
from tests.certificates import make_certificate
from tests.server import free_port

NOW = datetime(2026, 3, 2, 1, tzinfo=clock.UTC)
FAR = {"no": "C-1", "words": "电话13812341234,天天来"}


def a_message(subject: str = "案件C-1超期", body: str = "请在今天处理。\n电话13812341234") -> Message:
    return Message("cases.overdue", {**FAR, "subject": subject, "body": body}, "case 1 红", NOW)


@dataclass
class PostOffice:
    """A real mail server that keeps what it gets and refuses some addresses."""

    port: int
    refuses: set[str] = field(default_factory=set)
    got: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        letter = message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]
        assert isinstance(letter, EmailMessage)
        self.got.append((list(envelope.rcpt_tos), letter))
        return "250 OK"


def is_right(_server: SMTP, _session: Session, _envelope: Envelope, _way: str, said: Any) -> AuthResult:
    fits = isinstance(said, LoginPassword) and said.password == b"p@ss"
    return AuthResult(success=fits, handled=fits)


@contextmanager
def open_office(folder: Path, kind: str) -> Iterator[PostOffice]:
    certificate, key = make_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    office = PostOffice(free_port())
    ways: dict[str, dict[str, Any]] = {
        "smtps": {"ssl_context": context, "authenticator": is_right, "auth_require_tls": False},
        "smtp": {"tls_context": context, "require_starttls": True, "authenticator": is_right},
        "bare": {},
    }
    controller = Controller(office, hostname="127.0.0.1", port=office.port, ready_timeout=30, **ways[kind])
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


def server_of(office: PostOffice, scheme: str, to: str = "duty@hall.example") -> MailServer:
    said = f"{scheme}://hall:p%40ss@127.0.0.1:{office.port}/?from=no-reply@hall.example&to={to}&topic=cases"
    return mail_server(said)


def send(server: MailServer, message: Message | None = None) -> None:
    for sender in mail.senders(Settings(smtp_url=server)):
        sender.send(message or a_message(), NOW)


@pytest.fixture(params=["smtps", "smtp"])
def office(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with open_office(tmp_path, request.param) as office:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        yield office, request.param


def test_a_letter_has_subject_and_body_and_nothing_else_of_the_message(
    office: tuple[PostOffice, str],
) -> None:
    post, scheme = office
    send(server_of(post, scheme))
    send(server_of(post, scheme))
    (to, letter), (_, again) = post.got
    assert to == ["duty@hall.example"]
    assert letter["Subject"] == "案件C-1超期"
    assert letter["From"] == "no-reply@hall.example"
    assert letter.get_content().replace("\r\n", "\n") == "请在今天处理。\n电话[已隐去]\n"
    assert letter["Message-ID"] == again["Message-ID"]


def test_a_subject_cannot_bring_headers_of_its_own(office: tuple[PostOffice, str]) -> None:
    post, scheme = office
    send(server_of(post, scheme), a_message("超期\r\nBcc: somebody@else.example"))
    ((to, letter),) = post.got
    assert (to, letter["Bcc"]) == (["duty@hall.example"], None)


def test_an_address_that_is_refused_keeps_no_other_from_its_mail(office: tuple[PostOffice, str]) -> None:
    post, scheme = office
    post.refuses.add("gone@hall.example")
    gone, duty = mail.senders(
        Settings(smtp_url=server_of(post, scheme, "gone@hall.example,duty@hall.example"))
    )
    assert gone.name != duty.name
    assert "@" not in gone.name
    with pytest.raises(NotDelivered, match="SMTPRecipientsRefused"):
        gone.send(a_message(), NOW)
    duty.send(a_message(), NOW)
    assert [to for to, _ in post.got] == [["duty@hall.example"]]


def test_mail_is_only_for_messages_that_bring_subject_and_body(tmp_path: Path) -> None:
    server = mail_server("smtps://mail.example/?from=a@b.example&to=c@d.example&topic=cases")
    (sender,) = mail.senders(Settings(smtp_url=server))
    assert sender.takes(a_message())
    assert not sender.takes(Message("cases.overdue", {"subject": "x"}, "k", NOW))
    assert not sender.takes(Message("orders", {"subject": "x", "body": "y"}, "k", NOW))
    assert mail.senders(Settings()) == []


def test_without_tls_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_office(tmp_path, "bare") as post:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        with pytest.raises(NotDelivered, match="SMTPNotSupportedError"):
            send(server_of(post, "smtp"))
    assert post.got == []


def test_an_unknown_certificate_and_a_wrong_password_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_office(tmp_path, "smtps") as post:
        with pytest.raises(NotDelivered, match="TLS: CERTIFICATE_VERIFY_FAILED"):
            send(server_of(post, "smtps"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        wrong = mail_server(f"smtps://hall:no@127.0.0.1:{post.port}/?from=a@b.example&to=c@d.example")
        with pytest.raises(NotDelivered, match="SMTP 535"):
            send(wrong)
    with pytest.raises(NotDelivered, match="ConnectionRefusedError"):
        send(server_of(post, "smtps"))
    assert post.got == []


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("mail.example", "smtps://"),
        ("http://mail.example/?from=a@b.c&to=a@b.c", "smtps://"),
        ("smtps://mail.example/?from=a@b.c", "from=ADDRESS"),
        ("smtps://mail.example/?from=me&to=a@b.c", "from=ADDRESS"),
        ("smtps://mail.example/?from=a@b.c&to=a@b.c&cc=x", "smtps://"),
        ("smtps://mail.example:0x/?from=a@b.c&to=a@b.c", "ort"),
    ],
)
def test_a_faulty_mail_server_is_named(said: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        mail_server(said)
