"""What 210 tablets cost while they wait, and how soon a prompt stands on one: `python -m benchmarks.waiting`.

Each tablet does what static/js/counter.js does: it asks for its signal every 0.7 seconds over one kept
connection, and puts the full question every 20 seconds and whenever the signal has changed. The server is
the product's own; its share of a core is what /proc says of it and its children.
"""

import asyncio
import random
import re
import time
from dataclasses import dataclass, field
from statistics import median

from sqlalchemy.orm import Session

from benchmarks.sites import Served, Site, demo_site, inside, product
from evalsys.identity.actions import accounts
from evalsys.identity.actions.devices import NewDevice, add_device, pair_device
from evalsys.identity.queries.accounts import account_by_name
from evalsys.kernel import clock, database
from evalsys.organisation.queries import directory

ASK_EVERY, LOOK_EVERY = 0.7, 20.0  # seconds, as in static/js/counter.js
WARM, MEASURED = 24.0, 20.0  # seconds; warm once every tablet has drawn its screen
PROMPTS = 40
SCREEN = re.compile(rb'data-screen="([^"]+)"')


@dataclass
class Answer:
    """One answer: its status, its headers in small letters, its body."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Line:
    """One kept connection."""

    port: int
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        """Send one request and read its whole answer."""
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        said = {"Host": f"127.0.0.1:{self.port}", **headers}
        if body or method != "GET":
            said["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        first = (await self.reader.readline()).split()
        found: dict[str, str] = {}
        while (line := (await self.reader.readline()).strip()) != b"":
            name, _, value = line.decode().partition(":")
            found[name.lower()] = value.strip()
        length = int(found.get("content-length", "0"))
        return Answer(int(first[1]), found, await self.reader.readexactly(length))


@dataclass
class Tablet:
    """A tablet as the script in its page behaves."""

    port: int
    public_id: str
    cookie: str
    shown: dict[str, float]
    serial: str = "0"
    screen: str = ""
    looked_at: float = 0.0
    asked: int = 0
    line: Line = field(init=False)

    def __post_init__(self) -> None:
        """Keep one connection."""
        self.line = Line(self.port)

    async def wait(self, until: float) -> None:
        """Wait for prompts until a moment, beginning anywhere within the period."""
        await asyncio.sleep(random.random() * ASK_EVERY)
        self.looked_at = time.monotonic() - random.random() * LOOK_EVERY
        while time.monotonic() < until:
            answer = await self.line.ask("GET", f"/counter/{self.public_id}/signal?since={self.serial}", {})
            self.asked += 1
            if answer.status == 200 or time.monotonic() > self.looked_at + LOOK_EVERY:
                await self.look()
            await asyncio.sleep(ASK_EVERY)

    async def look(self) -> None:
        """Put the full question and note which screen it brought."""
        self.looked_at = time.monotonic()
        said = {"Cookie": self.cookie, "X-Requested-With": "block", "X-Screen": self.screen}
        answer = await self.line.ask("GET", f"/counter/{self.public_id}?version=x", said)
        if answer.status not in (200, 204):
            raise RuntimeError(f"{answer.status}: {answer.body[:300]!r}")
        self.serial = answer.headers["x-serial"]
        found = SCREEN.search(answer.body)
        if found is not None:
            self.screen = found[1].decode()
            self.shown[self.screen.removeprefix("prompt ")] = time.monotonic()


def main() -> None:
    """Measure and print."""
    with demo_site() as site:
        tablets, token, windows = _paired(site)
        with product(site) as served:
            share, asked, waits = asyncio.run(_measure(served, tablets, token, windows))
    waits.sort()
    print(f"{len(tablets)} tablets, {asked / MEASURED:.0f} questions a second: {share:.1%} of a core")
    print(
        f"prompt to screen, {len(waits)} prompts: p50 {median(waits) * 1000:.0f} ms, "
        f"p95 {waits[int(len(waits) * 0.95)] * 1000:.0f} ms, longest {waits[-1] * 1000:.0f} ms"
    )


def _paired(site: Site) -> tuple[list[tuple[str, str]], str, list[str]]:
    """The ids and cookies of a tablet at every window, a business system's token, the windows' codes."""
    with inside(site.environment), database.transaction() as session:
        now = clock.now()
        places = sorted(site.places.values())
        found = []
        for window_id, hall_id, _ in places:
            _, code = add_device(session, NewDevice("tablet", hall_id, window_id, ""), None, now)
            _, public_id, secret = pair_device(session.connection(), code, now)
            found.append((public_id, f"evalsys-device={secret}"))
        windows = directory.windows_on(session, clock.today()).values()
        return found, _token(session), [window.code for window in windows if window.in_use]


def _token(session: Session) -> str:
    account = account_by_name(session, "business-system")
    if account is None:
        raise RuntimeError("the demo has no business system")
    return accounts.create_token(session, account, "benchmark", None, clock.now())


async def _measure(
    served: Served, tablets: list[tuple[str, str]], token: str, windows: list[str]
) -> tuple[float, int, list[float]]:
    shown: dict[str, float] = {}
    waiting = [Tablet(served.port, public_id, cookie, shown) for public_id, cookie in tablets]
    began = time.monotonic()
    loops = [asyncio.create_task(tablet.wait(began + WARM + 2 * MEASURED + 5)) for tablet in waiting]
    await asyncio.sleep(WARM)
    used, asked = served.spent(), sum(tablet.asked for tablet in waiting)
    measuring = time.monotonic()
    await asyncio.sleep(MEASURED)
    share = (served.spent() - used) / (time.monotonic() - measuring)
    asked = sum(tablet.asked for tablet in waiting) - asked
    waits = await _prompt(served.port, token, windows, shown)
    await asyncio.gather(*loops)
    return share, asked, waits


async def _prompt(port: int, token: str, windows: list[str], shown: dict[str, float]) -> list[float]:
    """Prompts spread over the measured time; seconds from each one's request to its screen."""
    line, sent = Line(port), {}
    said = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for number in range(PROMPTS):
        body = (
            f'{{"window": "{windows[number * 5 % len(windows)]}", "kind": "consultation", '
            f'"idempotency_key": "benchmark-{number}", "ended_at": "{clock.now().isoformat()}"}}'
        ).encode()
        answer = await line.ask("POST", "/api/v1/services", said, body)
        service = re.findall(rb'"id": ?"(\w+)"', answer.body)[0].decode()
        sent[service] = time.monotonic()
        answer = await line.ask("PUT", f"/api/v1/services/{service}/prompt", said)
        if answer.status != 202:
            raise RuntimeError(f"{answer.status}: {answer.body[:300]!r}")
        await asyncio.sleep(random.random() * 2 * MEASURED / PROMPTS)
    await asyncio.sleep(3)
    return [shown[service] - at for service, at in sent.items()]


if __name__ == "__main__":
    main()
