"""The fronts of docs/deploying, started for real: only ports, paths, name and certificate are others."""

import http.client
import re
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.certificates import make_certificate
from tests.faults.servers import end_group, wait_until
from tests.server import STARTS_WITHIN, held_port

DEPLOYING = Path(__file__).resolve().parents[2] / "docs" / "deploying"
NAME = "pj.example.gov.cn"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Reply:
    """What came back through a front."""

    status: int
    headers: dict[str, str]
    words: str


@dataclass(frozen=True)
class Front:
    """A running front: where it listens, and the folder it writes its logs into."""

    kind: str
    folder: Path
    port: int
    plain_port: int
    certificate: Path

    def context(self) -> ssl.SSLContext:
        """Believes this front's certificate and no other."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> Reply:
        """One request over TLS, on a connection of its own."""
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=60, context=self.context())
        return _reply(connection, method, path, body, headers or {})

    def ask_plain(self, path: str) -> Reply:
        """One request without TLS."""
        connection = http.client.HTTPConnection("localhost", self.plain_port, timeout=60)
        return _reply(connection, "GET", path, None, {})

    def rate(self, code: str, key: str, **headers: str) -> Reply:
        """Tap the best level on a window's form."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", f"/q/{code}", urlencode({"level": 5, "key": key}), FORM | sent)

    def written(self) -> str:
        """All it has written down."""
        logs = self.folder.glob("*.log")
        return "\n".join(log.read_text(encoding="utf-8") for log in logs)


def _reply(
    connection: http.client.HTTPConnection, method: str, path: str, body: str | None, headers: dict[str, str]
) -> Reply:
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        words = response.read().decode()
        return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, words)
    finally:
        connection.close()


def _nginx(folder: Path, ports: dict[str, int], backend: str) -> tuple[list[str], str]:
    text = (DEPLOYING / "nginx.conf").read_text(encoding="utf-8")
    for ours, theirs in {
        "127.0.0.1:8000": backend,
        NAME: "localhost",
        "listen 80": f"listen 127.0.0.1:{ports['plain']}",
        "listen 443": f"listen 127.0.0.1:{ports['tls']}",
        "/etc/evalsys": str(folder),
        "/var/log/nginx": str(folder),
        "/var/lib/nginx": str(folder),
        "/run/nginx.pid": str(folder / "pid"),
    }.items():
        assert ours in text, ours
        text = text.replace(ours, theirs)
    return ["-p", str(folder), "-g", "daemon off;", "-c", str(folder / "front.conf")], text


def _caddy(folder: Path, ports: dict[str, int], backend: str) -> tuple[list[str], str]:
    text = (DEPLOYING / "Caddyfile").read_text(encoding="utf-8")
    for ours, theirs in {
        "127.0.0.1:8000": backend,
        f"http://{NAME} {{": f"http://localhost:{ports['plain']} {{\n\tbind 127.0.0.1",
        f"https://{NAME} {{": f"https://localhost:{ports['tls']} {{\n\tbind 127.0.0.1",
        NAME: "localhost",
        "127.0.0.1:2019": f"127.0.0.1:{ports['admin']}",
        "/etc/evalsys": str(folder),
        "/var/log/caddy": str(folder),
    }.items():
        assert ours in text, ours
        text = text.replace(ours, theirs)
    return ["run", "--adapter", "caddyfile", "--config", str(folder / "front.conf")], text


KINDS = {"nginx": _nginx, "caddy": _caddy}


def taking_the_nameless(text: str) -> str:
    """The text of nginx.conf without the server that turns away who names no host, as slowhttptest does."""
    shorter = re.sub(r"    # Whoever asks for another name.*?\n    }\n", "", text, flags=re.DOTALL)
    assert shorter != text or "default_server" not in text
    return shorter


@contextmanager
def front(kind: str, backend: str, changed: Callable[[str], str] = str) -> Iterator[Front]:
    """A front before the server at an address such as http://127.0.0.1:8000; ended with all it started."""
    # Its own processes run as somebody else where they can: the folder must be open to them.
    folder = Path(tempfile.mkdtemp(prefix=f"{kind}-"))
    folder.chmod(0o755)
    certificate, key = make_certificate(folder)
    key.rename(folder / "tls.key")
    certificate = certificate.rename(folder / "tls.crt")
    with ExitStack() as held:
        ports = {name: held.enter_context(held_port()) for name in ("tls", "plain", "admin")}
    options, text = KINDS[kind](folder, ports, urlsplit(backend).netloc)
    (folder / "front.conf").write_text(changed(text), encoding="utf-8")
    said = folder / "said"
    with said.open("wb") as output:
        main = subprocess.Popen(
            [shutil.which(kind) or f"/usr/sbin/{kind}", *options],
            stdout=output, stderr=output, start_new_session=True,
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
    running = Front(kind, folder, ports["tls"], ports["plain"], certificate)

    def answers() -> bool:
        assert main.poll() is None, said.read_text(errors="replace")
        try:
            return running.ask("GET", "/healthz").status != 0
        except OSError:
            return False

    try:
        wait_until(answers, said)
        yield running
    finally:
        main.terminate()
        try:
            main.wait(STARTS_WITHIN)
        finally:
            end_group(main.pid)
            shutil.rmtree(folder, ignore_errors=True)


def connections_at(port: int) -> int:
    """How many connections are open to a port of this machine, as its kernel says."""
    at = f":{port:04X}"
    there = [file for file in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")) if file.exists()]
    lines = [line.split() for file in there for line in file.read_text().splitlines()]
    return sum(columns[1].endswith(at) and columns[3] == "01" for columns in lines)
