"""What a sheet holds and where its codes lead: decided before anything is drawn."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from evalsys.kernel.words import N_

LABELS_ON_A_SHEET = 24


class Layout(StrEnum):
    """The paper a code is printed on."""

    A4 = "a4"
    A5 = "a5"
    TENT = "tent"
    LABELS = "labels"


class Format(StrEnum):
    """The kind of file: one PDF, a picture a window, or all of it in one archive."""

    PDF = "pdf"
    SVG = "svg"
    PNG = "png"
    ZIP = "zip"


@dataclass(frozen=True)
class Poster:
    """What one window's poster says; `code` as printed for people, `address` as in the picture."""

    window: str
    hall: str
    number: str
    department: str
    code: str
    version: int
    address: str


@dataclass(frozen=True)
class Sheet:
    """How posters are printed; `start` (1–24) is the first free place of a begun sheet of labels."""

    layout: Layout
    at: datetime
    demo: bool
    start: int = 1


def rating_address(base_url: str, code: str) -> str:
    """The address in a window's picture."""
    return f"{base_url.rstrip('/')}/q/{code}"


def host_of(address: str) -> str:
    """The domain as people read it, with the port where there is one."""
    return urlsplit(address).netloc


def doubt_about(base_url: str) -> str | None:
    """Why codes with this base address should not be printed for a real hall, or None.

    Judged by the address alone, without asking a name server: the plan of a closed network is not ours.
    """
    parts = urlsplit(base_url)
    host = (parts.hostname or "").rstrip(".")
    if _is_own_machine(host):
        return N_("地址{base}只有本机能打开,群众扫码打不开。")
    if _is_private(host):
        return N_("地址{base}只在内部网络里能打开,群众用自己的手机扫码打不开。")
    if parts.scheme != "https":
        return N_("地址{base}不是https,微信会提示不安全。")
    return None


def _number_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_own_machine(host: str) -> bool:
    number = _number_of(host)
    if number is not None:
        return number.is_loopback or number.is_unspecified
    return host == "localhost" or host.endswith(".localhost")


def _is_private(host: str) -> bool:
    number = _number_of(host)
    if number is not None:
        return not number.is_global
    return "." not in host or host.endswith((".local", ".lan", ".internal", ".home.arpa"))
