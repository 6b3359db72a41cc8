"""Every setting of a site, read once from EVALSYS_* variables; all faults are reported together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from evalsys.kernel import paths, receivers

PREFIX = "EVALSYS_"


class SettingsFault(Exception):
    """One or more settings cannot be used; the message lists every fault on a line of its own."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def _text(value: str) -> str:
    return value


def _path(value: str) -> Path:
    return Path(value).expanduser().absolute()


def _hosts(value: str) -> tuple[str, ...]:
    return tuple(host.strip() for host in value.split(",") if host.strip())


def _count(value: str) -> int:
    number = int(value)
    if number < 0:
        raise ValueError("must not be negative")
    return number


def _points(value: str) -> tuple[float, ...]:
    points = tuple(float(part) for part in value.split(","))
    if (
        len(points) != 5
        or any(not 0 <= p <= 100 for p in points)
        or list(points) != sorted(points, reverse=True)
    ):
        raise ValueError("needs five falling numbers from 100 to 0, for the levels 5 to 1")
    return points


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("needs an address such as https://pj.example.gov.cn")
    return value.rstrip("/")


def _database_url(value: str) -> str:
    if value.startswith("postgresql://"):
        value = "postgresql+psycopg://" + value.removeprefix("postgresql://")
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("needs sqlite:///FILE or postgresql://USER@HOST/NAME")
    return value


def _secret(value: str) -> str:
    if len(value) < 32:
        raise ValueError("needs at least 32 characters")
    return value


def _digest(value: str) -> str:
    if value not in ("sha256", "sm3"):
        raise ValueError("needs sha256 or sm3")
    return value


def _cipher(value: str) -> str:
    if value not in ("aes-256-gcm", "sm4-gcm"):
        raise ValueError("needs aes-256-gcm or sm4-gcm")
    return value


def _switch(value: str) -> bool:
    if value not in ("on", "off"):
        raise ValueError("needs on or off")
    return value == "on"


def _reads(read: Callable[[str], Any], says: str, shown: str) -> dict[str, Any]:
    return {"read": read, "says": says, "shown": shown}


@dataclass(frozen=True)
class Settings:
    """The settings of a site; each field is the variable EVALSYS_<FIELD>."""

    database_url: str = field(
        default="",
        metadata=_reads(
            _database_url,
            "The database: `sqlite:///FILE` or `postgresql://…`.",
            "SQLite in the instance folder",
        ),
    )
    secret_key: str = field(
        default="",
        metadata=_reads(
            _secret, "Signs sessions and form keys; 32 characters or more; required outside the demo.", "none"
        ),
    )
    instance: Path = field(
        default_factory=paths.default_instance,
        metadata=_reads(_path, "The folder of the SQLite file and uploads.", "`instance/`"),
    )
    base_url: str = field(
        default="http://127.0.0.1:8000",
        metadata=_reads(
            _base_url, "The address printed codes point to; https on a real site.", "`http://127.0.0.1:8000`"
        ),
    )
    trusted_hosts: tuple[str, ...] = field(
        default=(),
        metadata=_reads(_hosts, "Host names requests may carry, separated by commas.", "any"),
    )
    proxy_hops: int = field(
        default=0,
        metadata=_reads(_count, "How many front proxies set X-Forwarded-For and X-Forwarded-Proto.", "`0`"),
    )
    min_n_rate: int = field(
        default=30, metadata=_reads(_count, "The fewest ratings for which a rate is printed.", "`30`")
    )
    min_n_rank: int = field(
        default=100, metadata=_reads(_count, "The fewest ratings with which a row is ranked.", "`100`")
    )
    level_points: tuple[float, ...] = field(
        default=(100.0, 80.0, 60.0, 30.0, 0.0),
        metadata=_reads(_points, "Points of the levels 5 to 1.", "`100,80,60,30,0`"),
    )
    contact_keys: tuple[tuple[str, bytes], ...] = field(
        default=(),
        repr=False,
        metadata=_reads(
            receivers.keys,
            "`ID:KEY` (32 bytes, base64), several separated by commas: the first seals, each opens.",
            "a key made in the instance folder",
        ),
    )
    contact_cipher: str = field(
        default="aes-256-gcm",
        metadata=_reads(
            _cipher,
            "What seals contacts: `aes-256-gcm`, or `sm4-gcm` where national ciphers are wanted; each opens.",
            "`aes-256-gcm`",
        ),
    )
    smtp_url: receivers.MailServer | None = field(
        default=None,
        metadata=_reads(
            receivers.mail_server,
            "Mail: `smtps://USER:PASSWORD@HOST/?from=ADDRESS&to=ADDRESS,…[&topic=TOPIC]`; "
            "`smtp://` begins with STARTTLS.",
            "none",
        ),
    )
    webhooks: tuple[receivers.Receiver, ...] = field(
        default=(),
        metadata=_reads(
            receivers.receivers,
            "`TOPIC ADDRESS SECRET [private]` (topic `*`: all; private: an address of one's own network) or "
            "`TOPIC file:///FOLDER`, several separated by commas.",
            "none",
        ),
    )

    seal_digest: str = field(
        default="sha256",
        metadata=_reads(
            _digest,
            "What days are sealed with: `sha256`, or `sm3`; days sealed before keep theirs.",
            "`sha256`",
        ),
    )

    mlps3: bool = field(
        default=False,
        metadata=_reads(
            _switch,
            "`on`: what 等保 third grade asks of sign-ins: three kinds of signs in a password, a new one "
            "every 90 days and none of the last five, a code for everybody, 15 minutes idle, a pause of 30 "
            "minutes after five failures.",
            "`off`",
        ),
    )

    probe_url: str = field(
        default="",
        metadata=_reads(
            _base_url,
            "Where `evalsys work` finds the site to try every way to rate; `evalsys serve` names itself to "
            "the one it starts.",
            "`EVALSYS_BASE_URL`",
        ),
    )
    metrics_token: str = field(
        default="",
        repr=False,
        metadata=_reads(
            _secret,
            "Opens `/metrics` and the details of `/readyz` to programs on other machines "
            "(`Authorization: Bearer …`); 32 characters or more.",
            "none: from the machine itself only",
        ),
    )

    backup_folder: Path | None = field(
        default=None,
        metadata=_reads(
            _path,
            "Where `evalsys work` keeps a backup of every night; best a disk of its own.",
            "none is kept",
        ),
    )
    backups_kept: int = field(
        default=14,
        metadata=_reads(_count, "How many backups of nights are kept there, at least one.", "`14`"),
    )

    @property
    def database(self) -> str:
        """The address of the database in use."""
        return self.database_url or f"sqlite:///{self.instance / 'evalsys.sqlite3'}"

    @property
    def is_https(self) -> bool:
        """Whether citizens and staff reach the site by https."""
        return self.base_url.startswith("https://")


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read every EVALSYS_* variable; raises SettingsFault naming each fault and each unknown name."""
    known = {PREFIX + f.name.upper(): f for f in fields(Settings)}
    given: dict[str, Any] = {}
    faults: list[str] = []
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX):
            continue
        if name not in known:
            faults.append(f"{name}: no such setting")
            continue
        try:
            given[known[name].name] = known[name].metadata["read"](value)
        except ValueError as fault:
            faults.append(f"{name}: {fault}")
    if faults:
        raise SettingsFault(faults)
    return Settings(**given)


def current() -> Settings:
    """The settings of the running application."""
    settings: Settings = current_app.extensions["evalsys.settings"]
    return settings


def as_markdown() -> str:
    """The text of docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "Set in the environment. Unknown `EVALSYS_*` names and unusable values stop the start,",
        "all reported at once. This page is generated: `evalsys settings > docs/settings.md`.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for f in fields(Settings):
        lines.append(f"| `{PREFIX}{f.name.upper()}` | {f.metadata['shown']} | {f.metadata['says']} |")
    return "\n".join(lines) + "\n"
