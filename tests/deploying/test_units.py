"""The units of docs/deploying as systemd itself reads them, and the settings they are given.

Seen failing: a misspelt directive is named by `systemd-analyze verify`; bare, the exposure is 9.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from evalsys.kernel import settings
from evalsys.kernel.settings import SettingsFault
from tests.deploying.fronts import DEPLOYING, NAME

UNITS = sorted(DEPLOYING.glob("*.service"))
MOST_EXPOSED = 2.0  # of 10, as systemd reckons
OURS = Path(sys.executable).parent


def analysed(*words: str, folder: Path) -> str:
    """What systemd-analyze says; it must find nothing wrong."""
    command = ["systemd-analyze", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def laid_down(tmp_path: Path) -> Path:
    """The units in a folder, with the command where it stands here."""
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        assert "/opt/evalsys/bin/evalsys" in text
        (tmp_path / unit.name).write_text(text.replace("/opt/evalsys/bin", str(OURS)), encoding="utf-8")
    return tmp_path


def test_systemd_reads_the_units_without_a_complaint(laid_down: Path) -> None:
    said = analysed("verify", *(f"./{unit.name}" for unit in UNITS), folder=laid_down)
    # Units of the machine may have faults of their own.
    assert [line for line in said.splitlines() if "evalsys" in line] == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_may_do_little(unit: Path, laid_down: Path) -> None:
    said = analysed("security", "--offline=true", unit.name, folder=laid_down)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found, said
    assert float(found[1]) <= MOST_EXPOSED, said


def test_the_settings_shown_are_settings() -> None:
    lines = (DEPLOYING / "evalsys.env").read_text(encoding="utf-8").splitlines()
    shown = [line.removeprefix("# ") for line in lines if "EVALSYS_" in line.partition("=")[0]]
    given = dict(line.split("=", 1) for line in shown)
    assert given["EVALSYS_SECRET_KEY"] == ""
    with pytest.raises(SettingsFault):
        settings.from_environment(given)
    chosen = settings.from_environment(given | {"EVALSYS_SECRET_KEY": "x" * 32})
    assert (chosen.proxy_hops, chosen.trusted_hosts, chosen.is_https) == (1, (NAME,), True)
