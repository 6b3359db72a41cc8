"""Work done by a process of its own: what it loads and holds goes with it, and so does what breaks it."""

import json
import subprocess
import sys
from typing import Any


def answer_of(module: str, content: bytes, within: float) -> Any:
    """What a module, run as a program, writes as JSON after reading `content` from its input.

    Raises subprocess.TimeoutExpired after `within` seconds, and ValueError where it ended without an answer.
    """
    command = [sys.executable, "-P", "-m", module]
    done = subprocess.run(command, input=content, capture_output=True, check=False, timeout=within)
    return json.loads(done.stdout)
