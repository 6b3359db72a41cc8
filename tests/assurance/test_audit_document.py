"""What the document for auditors tells to run is run, and finds what it ought to."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from evalsys.assurance.rules import drawing
from tests.builders import signed_in

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "audit.md"
CHAIN, TICKET = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_chain_is_derived_again_from_an_export_alone(app: Flask, tmp_path: Path) -> None:
    auditor, kept = signed_in(app, "auditor"), tmp_path / "journal.json"
    rows = json.loads(auditor.get("/admin/journal.json?from=2020-01-01").get_data())
    assert len(rows) >= 2
    kept.write_text(json.dumps(rows), encoding="utf-8")
    assert run(tmp_path).returncode == 0
    rows[-1]["details"] = '{"roles": ["supervisor"]}'
    kept.write_text(json.dumps(rows), encoding="utf-8")
    assert "AssertionError" in run(tmp_path).stderr


def run(folder: Path) -> "subprocess.CompletedProcess[str]":
    """The program of the document, beside an export."""
    return subprocess.run(
        [sys.executable, "-c", CHAIN], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_document_says_how_tickets_are_made() -> None:
    said: dict[str, Any] = {}
    exec(compile(TICKET, str(DOCUMENT), "exec"), said)
    root = bytes(range(32))
    assert said["ticket"](root.hex(), 17) == drawing.ticket(root, 17).hex()
