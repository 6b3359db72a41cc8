"""A crowd of phones that rate through a real server, each remembering what it was promised."""

import http.client
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode, urlsplit

ANSWERED_WITHIN = 60.0  # seconds until a phone gives up on one answer
INSISTS_FOR = 180.0  # seconds a phone goes on asking about one rating
BETWEEN = 0.1  # seconds between two tries of one phone
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}


@dataclass(frozen=True)
class Answer:
    """What a phone got: a status (0 where the connection failed), headers, words, and after how long."""

    status: int
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)
    words: str = ""

    @property
    def receipt(self) -> str:
        """The receipt of a thank-you, else ''."""
        return self.headers.get("location", "").rpartition("/")[2] if self.status == 303 else ""


@dataclass
class Memory:
    """What a crowd remembers: the receipt of every key thanked for, and every answer but thank-yous."""

    receipts: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    others: list[Answer] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def note(self, key: str, answer: Answer) -> None:
        """Take in one answer."""
        self.seconds.append(answer.seconds)
        if not answer.receipt:
            self.others.append(answer)
            return
        # A replay shows the same receipt.
        assert self.receipts.setdefault(key, answer.receipt) == answer.receipt

    @property
    def statuses(self) -> Counter[int]:
        """How many answers other than thank-yous, by status."""
        return Counter(answer.status for answer in self.others)


def ask(address: str, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
    """One request on a connection of its own, as behind a proxy that keeps none."""
    began = time.monotonic()
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=ANSWERED_WITHIN)
    try:
        connection.request(method, path, urlencode(form) if form else None, _FORM)
        response = connection.getresponse()
        words = response.read().decode()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, time.monotonic() - began, headers, words)
    except (OSError, http.client.HTTPException) as failure:
        return Answer(0, time.monotonic() - began, words=repr(failure))
    finally:
        connection.close()


def rate(address: str, code: str, key: str, level: int = 5) -> Answer:
    """Tap a level on a window's form."""
    return ask(address, "POST", f"/q/{code}", {"level": str(level), "key": key})


def new_key() -> str:
    """A key as a form would carry it."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Crowd:
    """So many phones at an address; each rates at its windows in turn, again and again."""

    address: str
    codes: Sequence[str]
    phones: int = 8
    insists: bool = False  # send the same rating until it is thanked for
    forgets: float = 0.0  # the share of answers that get lost on the way

    def rate(self, ratings: int) -> Memory:
        """Give that many ratings in all."""
        memory, left, lock = Memory(), iter(range(ratings)), threading.Lock()

        def more() -> bool:
            with lock:
                return next(left, None) is not None

        threads = [threading.Thread(target=self._live, args=(n, memory, more)) for n in range(self.phones)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return memory

    @contextmanager
    def rating(self) -> Iterator[Memory]:
        """Rate all through the block."""
        memory, over = Memory(), threading.Event()

        def more() -> bool:
            return not over.is_set()

        threads = [threading.Thread(target=self._live, args=(n, memory, more)) for n in range(self.phones)]
        for thread in threads:
            thread.start()
        try:
            yield memory
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def _live(self, number: int, memory: Memory, more) -> None:
        chance = Random(number)
        place = number
        while more():
            code, key = self.codes[place % len(self.codes)], new_key()
            place += 1
            memory.asked += 1
            gives_up_at = time.monotonic() + INSISTS_FOR
            while not self._try(memory, code, key, chance):
                time.sleep(BETWEEN)
                if not self.insists:
                    break
                assert time.monotonic() < gives_up_at, memory.others[-1]

    def _try(self, memory: Memory, code: str, key: str, chance: Random) -> bool:
        answer = rate(self.address, code, key)
        if chance.random() < self.forgets:
            return False
        memory.note(key, answer)
        return bool(answer.receipt)


def until(memory: Memory, thanked: int, patience: float = 300.0) -> None:
    """Return once a crowd has been thanked that many times more."""
    wanted, gives_up_at = len(memory.receipts) + thanked, time.monotonic() + patience
    while len(memory.receipts) < wanted:
        assert time.monotonic() < gives_up_at, memory.others[-3:]
        time.sleep(0.05)
