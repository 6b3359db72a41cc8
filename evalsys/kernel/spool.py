"""Messages as lines of JSON in a folder: for systems that read files, and for small sites."""

import os
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from evalsys.kernel import clock
from evalsys.kernel.outbox import Message, NotDelivered, Sender
from evalsys.kernel.settings import Settings
from evalsys.kernel.webhooks import body_of


def senders(settings: Settings) -> list[Sender]:
    """A sender for each folder of the settings."""
    return [
        Sender(receiver.name, receiver.topic, partial(_append, Path(unquote(receiver.parts.path))))
        for receiver in settings.webhooks
        if receiver.parts.scheme == "file"
    ]


def _append(folder: Path, message: Message, now: datetime) -> None:
    """Add a line to the file of the day, and have it on the disk."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{clock.day_of(now)}.jsonl").open("ab+", buffering=0) as file:
            # A line that a power cut tore is left alone: the next one begins after it.
            file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
            torn = file.read(1) not in (b"", b"\n")
            file.write(b"\n" * torn + body_of(message) + b"\n")
            os.fsync(file.fileno())
    except OSError as fault:
        raise NotDelivered(type(fault).__name__, silent=True) from fault
