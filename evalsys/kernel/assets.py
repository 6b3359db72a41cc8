"""Static files under addresses that change with their content, so that browsers may keep them for ever."""

import base64
import gzip
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from wsgiref.headers import Headers

import brotli
from flask import Flask
from markupsafe import Markup
from whitenoise import WhiteNoise

from evalsys.kernel import paths

FOR_EVER = 365 * 24 * 3600
_COMPONENTS = (
    *("masthead", "nav", "button", "field", "table", "rate", "level", "notice", "state", "pagination"),
    *("tag", "figure", "term", "print"),
)
# The sheets of every staff page, each over those before it.
OFFICE = ("tokens", "base", *(f"components/{name}" for name in _COMPONENTS))
_OFFICE_SHEET = "css/office.css"


@cache
def version() -> str:
    """A short hash over every static file and the figure library's version."""
    digest = hashlib.sha256(str(figure_library().stat().st_size).encode())
    folder = paths.static_folder()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            digest.update(str(file.relative_to(folder)).encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def figure_library() -> Path:
    """plotly's own bundle, as the installed wheel brings it."""
    return Path(str(resources.files("plotly").joinpath("package_data/plotly.min.js")))


def prepare(instance: Path) -> Path:
    """Put the figure library, compressed, and the staff pages' one style sheet where they are served from.

    Done once for each version.
    """
    folder = instance / "assets"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "plotly.min.js"
    if not kept.exists() or kept.stat().st_size != figure_library().stat().st_size:
        _put(kept, figure_library().read_bytes(), quality=8)
    if not (sheet := _office_sheet(instance)).exists():
        _put(sheet, _sheets(f"{name}.css" for name in OFFICE).encode(), quality=11)
    return folder


def _put(file: Path, content: bytes, quality: int) -> None:
    """Write a file beside its packed forms; itself last, and at once, since it says that all is there."""
    file.with_name(f"{file.name}.br").write_bytes(brotli.compress(content, quality=quality))
    file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(content, 9))
    begun = file.with_name(f"{file.name}.{os.getpid()}")
    begun.write_bytes(content)
    begun.replace(file)


def _office_sheet(instance: Path) -> Path:
    return instance / "assets" / f"office-{version()}.css"


def _sheets(names: Iterable[str]) -> str:
    """Style sheets one after the other, without comments and needless space."""
    folder = paths.static_folder() / "css"
    css = "".join((folder / name).read_text(encoding="utf-8") for name in names)
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r" ?([{};,]) ?", r"\1", css).strip()


@cache
def citizen_css() -> Markup:
    """The citizen pages' style sheet without comments and needless space, to stand inside the page."""
    return Markup(_sheets(("tokens.css", "citizen.css")))  # noqa: S704 - our own file


@cache
def citizen_css_hash() -> str:
    """What the content security policy lets through: the hash of that style sheet."""
    digest = hashlib.sha256(str(citizen_css()).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def install(app: Flask, instance: Path, headers: Mapping[str, str]) -> None:
    """Serve static files and the figure library under these headers, and give templates their addresses."""
    prefix = f"static/{version()}"

    def asset(name: str) -> str:
        return f"/{prefix}/{name}"

    # One request for one sheet paints sooner than one for each; without what `prepare` makes, one for each.
    sheet = _office_sheet(instance)
    is_prepared = sheet.exists()
    names = [_OFFICE_SHEET] if is_prepared else [f"css/{name}.css" for name in OFFICE]
    app.jinja_env.globals.update(
        asset=asset,
        asset_plotly=lambda: asset("figures/plotly.min.js"),
        citizen_css=citizen_css,
        office_sheets=[asset(name) for name in names],
    )

    def add_headers(its_own: Headers, _path: str, _url: str) -> None:
        for name, value in headers.items():
            its_own[name] = value

    serving = WhiteNoise(
        app.wsgi_app,
        root=paths.static_folder(),
        prefix=prefix,
        max_age=FOR_EVER,
        immutable_file_test=lambda _path, _url: True,
        allow_all_origins=False,
        add_headers_function=add_headers,
    )
    prepared = instance / "assets"
    if (prepared / "plotly.min.js").exists():
        serving.add_files(str(prepared), prefix=f"{prefix}/figures")
    else:
        serving.add_file_to_dictionary(
            f"/{prefix}/figures/plotly.min.js", str(figure_library()), stat_cache=None
        )
    if is_prepared:
        serving.add_file_to_dictionary(asset(_OFFICE_SHEET), str(sheet))
    app.wsgi_app = serving  # type: ignore[method-assign]
