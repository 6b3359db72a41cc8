"""What is built from this checkout stands alone: a wheel, made through the sdist, serves a site by itself."""

import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.server import clean_environment, read, serving

pytestmark = [pytest.mark.packaging, pytest.mark.slow]

CHECKOUT = Path(__file__).resolve().parents[2]
LEFT_BEHIND = "templates/gone.html"
SOURCES = ("evalsys", "templates", "static", "setup.cfg", "pyproject.toml", "README.md")


def run(*command: str | Path, **options: object) -> str:
    """The output of a command that must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return str(done.stdout)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout in which an earlier build has left a template that is gone by now."""
    folder = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        if (CHECKOUT / name).is_dir():
            shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(CHECKOUT / name, folder / name)
    stale = folder / "build" / "lib" / "evalsys" / LEFT_BEHIND
    stale.parent.mkdir(parents=True)
    stale.write_text("gone")
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sdist as `python -m build` does."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, source)
    assert len(list(out.glob("*.tar.gz"))) == 1
    (built,) = out.glob("*.whl")
    return built


def new_environment(folder: Path, *what: str | Path) -> Path:
    """A new environment with evalsys installed anew; everything else is lent to it by ours.

    Ours is lent by a line in a .pth file, which adds its folder but not its own .pth files: an editable
    install of evalsys in it stays out of sight.
    """
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    run(
        sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check",
        "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--ignore-installed", *what,
    )  # fmt: skip
    return folder / "bin"


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment into which the wheel was installed."""
    return new_environment(tmp_path_factory.mktemp("installed"), wheel)


@pytest.fixture(scope="module")
def editable(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment that uses a checkout in place."""
    return new_environment(tmp_path_factory.mktemp("editable"), "--editable", source)


def files_below(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and path.name != ".gitkeep"
    }


def test_the_wheel_holds_what_the_checkout_holds(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {name.removeprefix("evalsys/") for name in archive.namelist() if name.startswith("evalsys/")}
    expected = files_below(CHECKOUT / "evalsys")
    expected |= {f"templates/{name}" for name in files_below(CHECKOUT / "templates")}
    expected |= {f"static/{name}" for name in files_below(CHECKOUT / "static")}
    assert inside == expected


def test_the_wheel_holds_no_template_that_is_gone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert not [name for name in archive.namelist() if "gone" in name]


def test_an_installed_site_serves_pages_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    assert_serves_pages(installed, tmp_path)
    where = run(installed / "python", "-c", WHERE, cwd=tmp_path, env=clean_environment()).split()
    assert all(Path(folder).is_relative_to(installed.parent) for folder in where)


def test_an_editable_install_serves_the_files_of_its_checkout(
    editable: Path, source: Path, tmp_path: Path
) -> None:
    where = run(editable / "python", "-c", WHERE, cwd=tmp_path, env=clean_environment()).split()
    assert all(Path(folder).is_relative_to(source) for folder in where)
    assert_serves_pages(editable, tmp_path)


WHERE = """
from evalsys.kernel import paths
print(paths.templates_folder(), paths.static_folder(), paths.migrations_folder())
"""


def assert_serves_pages(commands: Path, empty: Path) -> None:
    """Upgrade, serve, and read a page with its style sheet."""
    settings = {
        "EVALSYS_SECRET_KEY": "a key for this test alone, forty letters",
        "EVALSYS_INSTANCE": str(empty),
    }
    environment = clean_environment() | settings
    run(commands / "evalsys", "upgrade", cwd=empty, env=environment)
    with serving(commands, empty, environment) as address:
        page = read(f"{address}/sign-in")
        assert "<h1" in page
        style = page.split('rel="stylesheet" href="')[1].split('"')[0]
        assert read(address + style)
