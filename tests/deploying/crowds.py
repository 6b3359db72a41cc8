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

    trust = gate.context()

    async def connected() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("localhost", gate.port, ssl=trust)

    async def phone(code: str, ready: asyncio.Barrier) -> None:
        reader, writer = await connected()
        # Four hundred greetings keep this one thread busy: nobody is timed before all are done.
        await ready.wait()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            answer = await _rate(reader, writer, code)
            seen.note(answer)
            if answer.headers.get("connection") == "close":
                writer.close()
                reader, writer = await connected()
            if not answer.receipt:
                await asyncio.sleep(AGAIN_AFTER)
        writer.close()
        await writer.wait_closed()

    async def everybody() -> None:
        ready = asyncio.Barrier(phones)
        await asyncio.gather(*(phone(codes[n % len(codes)], ready) for n in range(phones)))

    asyncio.run(everybody())
    return seen


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
