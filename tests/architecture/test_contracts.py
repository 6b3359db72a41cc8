"""Each import contract of setup.cfg fails when it is broken: a guard that cannot fail guards nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

BREACHES = {
    "features": ("evalsys/identity/rules.py", "from evalsys.scoring import rules as above"),
    "inside": ("evalsys/scoring/models.py", "from evalsys.scoring import queries as above"),
    "rules": ("evalsys/evaluation/rules.py", "from flask import request"),
    "rules-are-lowest": ("evalsys/evaluation/rules.py", "from evalsys.organisation import queries"),
    "web": ("evalsys/scoring/queries.py", "from flask import request"),
    "doors": ("evalsys/dashboards/views/rankings.py", "from evalsys.evaluation import views as evaluation"),
    "dashboards": (
        "evalsys/dashboards/views/rankings.py",
        "from evalsys.evaluation import queries as evaluation",
    ),
    "cycles": ("evalsys/kernel/clock.py", "from evalsys.kernel import journal"),
    "models-of-worktime": ("evalsys/identity/actions.py", "from evalsys.worktime import models as foreign"),
    "models-of-organisation": (
        "evalsys/scoring/queries.py",
        "from evalsys.organisation import models as foreign",
    ),
    "models-of-identity": ("evalsys/evaluation/actions.py", "from evalsys.identity import models as foreign"),
    "models-of-evaluation": (
        "evalsys/scoring/actions.py",
        "from evalsys.evaluation import models as foreign",
    ),
    "models-of-rectification": (
        "evalsys/dashboards/views/rankings.py",
        "from evalsys.rectification import models as foreign",
    ),
    "models-of-desk": ("evalsys/dashboards/views/rankings.py", "from evalsys.desk import models as foreign"),
    "models-of-privacy": (
        "evalsys/dashboards/views/rankings.py",
        "from evalsys.privacy import models as foreign",
    ),
    "models-of-assurance": (
        "evalsys/dashboards/views/rankings.py",
        "from evalsys.assurance import models as foreign",
    ),
    "models-of-scoring": (
        "evalsys/dashboards/views/rankings.py",
        "from evalsys.scoring import models as foreign",
    ),
}


def lint(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo", *arguments],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code alone, where a test may break it."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(CHECKOUT / "evalsys", folder / "evalsys", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "setup.cfg", folder)
    return folder


def test_the_code_keeps_every_contract(copy: Path) -> None:
    checked = lint(copy)
    assert checked.returncode == 0, checked.stdout
    assert f"{len(BREACHES)} kept, 0 broken" in checked.stdout


@pytest.mark.parametrize("contract", BREACHES)
def test_a_breach_is_seen(copy: Path, contract: str) -> None:
    where, breach = BREACHES[contract]
    module = module_at(copy, where)
    before = module.read_text(encoding="utf-8")
    module.write_text(f"{before}\n{breach}\n", encoding="utf-8")
    try:
        checked = lint(copy, "--contract", contract)
    finally:
        module.write_text(before, encoding="utf-8")
    assert checked.returncode == 1, checked.stdout
    assert "0 kept, 1 broken" in checked.stdout


def module_at(copy: Path, where: str) -> Path:
    """The module, or the package of that name that it has grown into."""
    module = copy / where
    return module if module.exists() else module.with_suffix("") / "__init__.py"
