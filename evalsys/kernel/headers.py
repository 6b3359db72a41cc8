"""Headers every answer carries: what a page may load, who may frame it, and that nobody keeps it."""

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


def allow_figures() -> None:
    """Let this page's figures set styles of their own, as plotly does."""
    g.figures = True


def allow_script() -> None:
    """Let this citizen's page run scripts of ours: it must be whole without them."""
    g.script = True


def plain_page() -> None:
    """Say that the answer is a page like the citizens', which loads nothing."""
    g.plain_page = True


def install(app: Flask) -> None:
    """Set the headers on every answer."""
    app.after_request(_guard)


def _guard(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = _policy()
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
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
