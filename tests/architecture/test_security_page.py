"""docs/security.md says what the code holds to."""

import re
from pathlib import Path

import pytest

from evalsys.desk.rules import reports
from evalsys.evaluation import rules as evaluation
from evalsys.identity import rules as identity
from evalsys.kernel import few, files, forms, pictures
from evalsys.kernel.sheets import opening

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security.md"
KIB, MIB = 2**10, 2**20


def said() -> str:
    return " ".join(PAGE.read_text(encoding="utf-8").split())


@pytest.mark.parametrize(
    "words",
    [
        f"a citizen or a device | {forms.CITIZEN_LIMIT // KIB} KiB",
        f"a system | {forms.API_LIMIT // KIB} KiB",
        f"of staff | {forms.UPLOAD_LIMIT // MIB} MiB",
        f"with a step | {files.MOST_AT_ONCE}, of {files.LARGEST_OF_SEVERAL // MIB} MiB each",
        f"photograph | {files.LARGEST // MIB} MiB, {pictures.MOST_PIXELS:,} pixels",
        f"unpacked | {opening.MOST_UNPACKED // MIB} MiB, {opening.MOST_CELLS:,} cells",
        f"a citizen | {evaluation.TEXT_LIMIT} signs",
        f"a report | {reports.REPORT_LIMIT} signs",
        f"{reports.MOST_OF_A_DEVICE} of a device, {reports.MOST_OF_A_HALL} of a hall",
        f"made at once | {few.AT_ONCE} |",
        "{} to {} signs of any kind".format(*identity.PASSWORD_LENGTH),
        f"After {identity.FREE_FAILURES} failures",
        f"after {identity.NIST.idle.seconds // 60} minutes idle ({identity.MLPS3.idle.seconds // 60} with",
        f"after {identity.ABSOLUTE.seconds // 3600} hours",
    ],
)
def test_the_page_says_what_the_code_holds(words: str) -> None:
    assert words in said()


def test_every_setting_the_page_names_is_one() -> None:
    settings = PAGE.with_name("settings.md").read_text(encoding="utf-8")
    named = set(re.findall(r"EVALSYS_[A-Z0-9_]+", said()))
    assert {name for name in named if name not in settings} == set()
