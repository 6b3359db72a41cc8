"""Mail to the addresses of the settings: for messages that bring a subject and a body."""

import hashlib
import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from functools import partial

from evalsys.kernel.masking import masked
from evalsys.kernel.outbox import Message, NotDelivered, Sender
from evalsys.kernel.receivers import MailServer
from evalsys.kernel.settings import Settings

WITHIN = 10.0  # seconds for each word of the conversation


def senders(settings: Settings) -> list[Sender]:
    """A sender for each address written to: one that refuses keeps no other from its mail."""
    server = settings.smtp_url
    if server is None:
        return []
    return [
        Sender(server.name_of(to), server.topic, partial(_send, server, to), frozenset({"subject", "body"}))
        for to in server.to
    ]


def _send(server: MailServer, to: str, message: Message, now: datetime) -> None:
    try:
        with _connected(server) as connection:
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(_letter(server, to, message, now))
    except smtplib.SMTPResponseException as fault:
        raise NotDelivered(f"SMTP {fault.smtp_code}", silent=True) from fault
    except ssl.SSLError as fault:
        raise NotDelivered(f"TLS: {fault.reason}", silent=True) from fault
    except (OSError, smtplib.SMTPException) as fault:
        raise NotDelivered(type(fault).__name__, silent=True) from fault


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.implicit:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=WITHIN, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=WITHIN)
    try:
        connection.starttls(context=context)
    except (OSError, smtplib.SMTPException):
        connection.close()
        raise
    return connection


def _letter(server: MailServer, to: str, message: Message, now: datetime) -> EmailMessage:
    """The mail; a repeat has the same Message-ID. Numbers that lead to a person are masked once more."""
    letter = EmailMessage()
    letter["Subject"] = " ".join(masked(str(message.payload["subject"])).split())
    letter["From"] = server.sender
    letter["To"] = to
    letter["Date"] = now
    mark = hashlib.sha256(message.dedupe_key.encode()).hexdigest()[:32]
    letter["Message-ID"] = f"<{mark}@{server.sender.partition('@')[2]}>"
    letter.set_content(masked(str(message.payload["body"])))
    return letter
