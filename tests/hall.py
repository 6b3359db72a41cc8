"""A demo hall with a real server and a real browser to walk through it: fixtures of browser tests."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import PIL.Image
import pytest
import zxingcpp
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.logs import told_of_somebody
from tests.server import clean_environment, free_port, serving

CHECKOUT = Path(__file__).resolve().parents[1]
COMMANDS = Path(sys.executable).parent
PATIENCE = 10_000  # milliseconds a page may take on a busy machine
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}


@dataclass(frozen=True)
class Hall:
    """A running demo: its address, where its files lie, and its accounts by role."""

    address: str
    folder: Path
    environment: dict[str, str]
    accounts: dict[str, tuple[str, str]]

    def run(self, *arguments: str | Path) -> str:
        """What an `evalsys` command prints; it must succeed."""
        done = self.attempt(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def scanned(self, window: str) -> str:
        """What a phone reads from the printed code of a window."""
        with TemporaryDirectory() as folder:
            self.run("evaluation", "codes", "--window", window, "--format", "png", "--out", folder)
            (picture,) = Path(folder).rglob("*.png")
            (code,) = zxingcpp.read_barcodes(PIL.Image.open(picture))
        return code.text

    def attempt(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """An `evalsys` command of this site, whether it succeeds or not."""
        return subprocess.run(
            [COMMANDS / "python", "-m", "evalsys", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="session")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The reference hall with a few thousand ratings, served as `make run` serves it."""
    folder = tmp_path_factory.mktemp("hall")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = clean_environment() | {
        "EVALSYS_INSTANCE": str(folder / "instance"),
        "EVALSYS_BASE_URL": address,
        # Whatever is installed, this checkout is what is tested.
        "PYTHONPATH": str(CHECKOUT),
    }
    bare = Hall(address, folder, environment, {})
    bare.run("upgrade")
    printed = bare.run("demo", "--ratings", "3000", "--days", "30")
    accounts = {
        role: (name, password)
        for _, role, name, password in (
            line.split() for line in printed.splitlines() if line.startswith("account ")
        )
    }
    with serving(COMMANDS, folder, environment, port):
        yield Hall(address, folder, environment, accounts)
    # After all that the browsers did: the log tells of nobody.
    passwords = [password for _, password in accounts.values()]
    assert told_of_somebody((folder / "log").read_text(encoding="utf-8"), passwords) == []


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's chromium; as root it runs without its sandbox."""
    arguments = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser that all browser tests share."""
    with chromium() as started:
        yield started


@pytest.fixture
def signed_in(hall: Hall, browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Sign in as a role, at a desk; each call is a browser profile of its own."""
    contexts: list[BrowserContext] = []

    def sign_in(role: str) -> Page:
        context = browser.new_context(base_url=hall.address, locale="zh-CN", **DESK)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        name, password = hall.accounts[role]
        page.goto("/sign-in")
        page.fill("[name=name]", name)
        page.fill("[name=password]", password)
        with page.expect_navigation():
            page.locator("main form button").click()
        assert "/sign-in" not in page.url
        return page

    yield sign_in
    for context in contexts:
        context.close()
