"""Static files under addresses that change with their content, so that browsers may keep them for ever."""

import base64
import gzip
import hashlib
import re
import shutil
from collections.abc import Mapping
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
    """Put the figure library, compressed, where it is served from; done once for each version."""
    folder = instance / "assets"
    kept = folder / "plotly.min.js"
    if not kept.exists() or kept.stat().st_size != figure_library().stat().st_size:
        folder.mkdir(parents=True, exist_ok=True)
        content = figure_library().read_bytes()
        (folder / "plotly.min.js.br").write_bytes(brotli.compress(content, quality=8))
        (folder / "plotly.min.js.gz").write_bytes(gzip.compress(content, 9))
        shutil.copyfile(figure_library(), kept)
    return folder


@cache
def citizen_css() -> Markup:
    """The citizen pages' style sheet without comments and needless space, to stand inside the page."""
    folder = paths.static_folder() / "css"
    css = "".join((folder / name).read_text(encoding="utf-8") for name in ("tokens.css", "citizen.css"))
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return Markup(re.sub(r" ?([{};,]) ?", r"\1", css).strip())  # noqa: S704 - our own file


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

    app.jinja_env.globals.update(
        asset=asset, asset_plotly=lambda: asset("figures/plotly.min.js"), citizen_css=citizen_css
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
    app.wsgi_app = serving  # type: ignore[method-assign]
