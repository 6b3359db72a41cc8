"""What the application answers, overheard on its way out by whoever may keep it."""

from collections.abc import Callable, Iterable
from typing import Any

Headers = list[tuple[str, str]]


class Overheard:
    """Hands on how an answer begins, and remembers it."""

    def __init__(self, start_response: Callable[..., Any]) -> None:
        self._start_response = start_response
        self.status = ""
        self.headers: Headers = []

    def start(self, status: str, headers: Headers, *fault: Any) -> Any:
        """Begin the answer, as WSGI has it."""
        self.status, self.headers = status, list(headers)
        return self._start_response(status, headers, *fault)


def whole(answer: Iterable[bytes]) -> bytes:
    """The body of an answer in one piece."""
    try:
        return b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
