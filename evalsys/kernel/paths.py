"""Where templates, static files and migrations lie: at the top of a checkout, or inside the package."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def _folder(name: str) -> Path:
    installed = PACKAGE / name
    return installed if installed.is_dir() else PACKAGE.parent / name


def templates_folder() -> Path:
    """The folder of the templates."""
    return _folder("templates")


def static_folder() -> Path:
    """The folder of the static files."""
    return _folder("static")


def migrations_folder() -> Path:
    """The folder of the schema's history."""
    return PACKAGE / "migrations"


def translations_folder() -> Path:
    """The folder of the string files."""
    return PACKAGE / "translations"


def default_instance() -> Path:
    """`instance/` of a checkout, else `evalsys-instance/` in the present folder."""
    checkout = PACKAGE.parent / "instance"
    return (
        checkout
        if checkout.is_dir() and (PACKAGE.parent / "setup.cfg").is_file()
        else Path.cwd() / "evalsys-instance"
    )
