"""Headers every answer carries: what a page may load, who may frame it, and that nobody keeps it."""

from collections.abc import Mapping
from functools import partial

from flask import Flask, Response, current_app, g, request

from evalsys.kernel import assets
from evalsys.kernel.access import access_of

CITIZEN = (
    "default-src 'none'; style-src {style}; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# Tablets and kiosks: files of ours and the citizens' inlined style sheet.
DEVICE = (
    "default-src 'none'; script-src 'self'; style-src 'self' {style}; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
OFFICE = (
    "default-src 'none'; script-src 'self'; style-src 'self'{style}; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# What is no page: numbers, files, sheets.
BARE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # what old browsers know instead of frame-ancestors
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
# Of this host alone: what else lives under the same domain is not ours to decide about.
ONLY_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}


def allow_figures() -> None:
    """Let this page's figures set styles of their own, as plotly does."""
    g.figures = True


def allow_script() -> None:
    """Let this citizen's page run scripts of ours: it must be whole without them."""
    g.script = True


def plain_page() -> None:
    """Say that the answer is a page like the citizens', which loads nothing."""
    g.plain_page = True


def install(app: Flask, *, https: bool) -> None:
    """Set the headers on every answer of the application; with https browsers are told to stay with it."""
    app.after_request(partial(_guard, ALWAYS | (ONLY_HTTPS if https else {})))


def of_files(*, https: bool) -> Mapping[str, str]:
    """What goes with style sheets, scripts and pictures of ours, which anybody may keep."""
    return ALWAYS | {"Content-Security-Policy": BARE} | (ONLY_HTTPS if https else {})


def _guard(always: Mapping[str, str], response: Response) -> Response:
    headers = response.headers
    headers.update(always)
    headers["Content-Security-Policy"] = _policy() if response.mimetype == "text/html" else BARE
    headers.setdefault("Cache-Control", "no-store")
    return response


def _policy() -> str:
    """What the answer may load: staff and device pages files of ours, citizen and error pages nothing."""
    view = current_app.view_functions.get(request.endpoint or "")
    access = None if view is None or g.get("plain_page", False) else access_of(view)
    if access == "device":
        return DEVICE.format(style=assets.citizen_css_hash())
    if access is None or access == "citizen":
        policy = CITIZEN.format(style=assets.citizen_css_hash())
        return f"{policy}; script-src 'self'" if g.get("script", False) else policy
    return OFFICE.format(style=" 'unsafe-inline'" if g.get("figures", False) else "")
