"""A crowd of phones behind a front, light enough to measure the site: one thread, kept connections."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.deploying.fronts import Front
from tests.faults.phones import Answer, new_key

AGAIN_AFTER = 0.25  # seconds until somebody who was refused taps again


@dataclass
class Seen:
    """What a crowd saw: every receipt, every answer, and how long each took."""

    receipts: list[str] = field(default_factory=list)
    thanked: list[float] = field(default_factory=list)
    refused: list[Answer] = field(default_factory=list)
    seconds: float = 0.0

    def note(self, answer: Answer) -> None:
        """Take in one answer."""
        if answer.receipt:
            self.receipts.append(answer.receipt)
            self.thanked.append(answer.seconds)
        else:
            self.refused.append(answer)


def crowd(gate: Front, codes: Sequence[str], phones: int, seconds: float) -> Seen:
    """So many phones rate for so long, each on a connection of its own, again and again."""
    seen = Seen()
    began = time.monotonic()

    async def everybody() -> None:
        await asyncio.gather(*(_phone(gate, codes[n % len(codes)], seen, seconds) for n in range(phones)))

    asyncio.run(everybody())
    seen.seconds = time.monotonic() - began
    return seen


async def _phone(gate: Front, code: str, seen: Seen, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        reader, writer = await asyncio.open_connection("localhost", gate.port, ssl=gate.context())
        try:
            kept = True
            while kept and time.monotonic() < until:
                answer = await _rate(reader, writer, code)
                seen.note(answer)
                kept = answer.headers.get("connection") != "close"
                if not answer.receipt:
                    await asyncio.sleep(AGAIN_AFTER)
        finally:
            writer.close()
            await writer.wait_closed()


async def _rate(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, code: str) -> Answer:
    form = urlencode({"level": 5, "key": new_key()})
    head = f"POST /q/{code} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(form)}\r\n"
    began = time.monotonic()
    writer.write(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}".encode())
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()[:-1]
    taken = time.monotonic() - began
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    words = (await reader.readexactly(int(headers["content-length"]))).decode()
    return Answer(int(first.split()[1]), taken, headers, words)
