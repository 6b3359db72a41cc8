"""Everything that must be installed is named in setup.cfg: the list of packages cannot be found by itself."""

from configparser import ConfigParser
from fnmatch import fnmatch
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
MAPPED = {"evalsys.templates": "templates", "evalsys.static": "static"}


def setup_cfg() -> ConfigParser:
    parser = ConfigParser()
    parser.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    return parser


def named_packages() -> list[str]:
    return setup_cfg()["options"]["packages"].split()


def folder_of(package: str) -> Path:
    return CHECKOUT / MAPPED.get(package, package.replace(".", "/"))


def test_every_package_is_named_once() -> None:
    written = {
        ".".join(path.parent.relative_to(CHECKOUT).parts)
        for path in (CHECKOUT / "evalsys").rglob("__init__.py")
    }
    assert sorted(named_packages()) == sorted(written | set(MAPPED))


def test_every_folder_with_python_in_it_is_a_package() -> None:
    folders = {path.parent for path in (CHECKOUT / "evalsys").rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_every_other_file_of_a_package_is_installed_with_it() -> None:
    patterns = {
        package: [pattern.strip() for pattern in line.replace("\n", ",").split(",") if pattern.strip()]
        for package, line in setup_cfg()["options.package_data"].items()
    }
    left_out = [str(path.relative_to(CHECKOUT)) for path in other_files() if not is_taken(path, patterns)]
    assert left_out == []


def other_files() -> list[Path]:
    roots = [CHECKOUT / "evalsys", CHECKOUT / "templates", CHECKOUT / "static"]
    files = [path for root in roots for path in root.rglob("*") if path.is_file()]
    return [path for path in files if path.suffix not in (".py", ".pyc") and path.name != ".gitkeep"]


def is_taken(path: Path, patterns: dict[str, list[str]]) -> bool:
    return any(
        path.is_relative_to(folder_of(package))
        and any(fits(str(path.relative_to(folder_of(package))), pattern) for pattern in of_package)
        for package, of_package in patterns.items()
    )


def fits(name: str, pattern: str) -> bool:
    """As setuptools reads it: `**/` stands for any depth, `*` stays inside one folder."""
    if pattern.startswith("**/"):
        return fnmatch(name.rsplit("/", 1)[-1], pattern.removeprefix("**/"))
    return name.count("/") == pattern.count("/") and fnmatch(name, pattern)
