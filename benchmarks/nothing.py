"""The least a server can be asked for: hello, without any framework."""

from collections.abc import Callable, Iterable
from typing import Any

ANSWER = [("Content-Type", "text/plain"), ("Content-Length", "5")]


def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Say hello."""
    start_response("200 OK", ANSWER)
    return [b"hello"]
