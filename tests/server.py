"""The real server in a process of its own, as packaging and browser tests meet it, or a small one in ours."""

import os
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from flask import Flask
from werkzeug.serving import make_server

STARTS_WITHIN = 60.0  # seconds; a busy machine takes its time
# Below those the kernel gives to connections going out: none of them takes a port before its server does.
PORTS = range(20_000, 32_000)


def clean_environment() -> dict[str, str]:
    """Our environment without settings of a site and without paths into the checkout."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("EVALSYS_", "PYTHON"))}


def free_port() -> int:
    """A port nobody listens on at this moment, and that nobody is given by chance."""
    with held_port() as port:
        return port


@contextmanager
def held_port() -> Iterator[int]:
    """A port where nobody listens, nor can as long as it is held."""
    with socket.socket() as probe:
        while True:
            port = secrets.choice(PORTS)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            break
        yield port


@contextmanager
def served_here(app: Flask) -> Iterator[str]:
    """The address of an application served by threads of this process, on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serving(
    commands: Path, folder: Path, environment: dict[str, str], port: int = 0, options: Sequence[str] = ()
) -> Iterator[str]:
    """The address of a running server, on a free port unless one is named; ended by its own process id."""
    port = port or free_port()
    with (folder / "log").open("wb") as log:
        command: list[str | Path] = [commands / "python", "-m", "evalsys", "serve", "--port", str(port)]
        command += options
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", server, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(STARTS_WITHIN)


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the server answers; fail with its log when it ended or took too long."""
    patience_ends = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            read(address)
        except urllib.error.HTTPError:
            return
        except urllib.error.URLError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < patience_ends, log.read_text()
            time.sleep(0.1)
        else:
            return


def read(address: str) -> str:
    """The text found at an address."""
    with urllib.request.urlopen(address, timeout=10) as response:
        return str(response.read().decode())
