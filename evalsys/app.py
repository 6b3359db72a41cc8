"""Building the application."""

import os
from datetime import timedelta
from pathlib import Path

from flask import Flask, g
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.proxy_fix import ProxyFix

from evalsys import wiring
from evalsys.identity import rules as identity
from evalsys.kernel import assets, database, errors, forms, headers, language, paths, settings, signals, site
from evalsys.kernel.database import db
from evalsys.kernel.settings import Settings


def create_app(given: Settings | None = None) -> Flask:
    """The application with its settings (the environment's, unless given), features and guards.

    Raises SettingsFault naming every unusable setting.
    """
    chosen = given or settings.from_environment(os.environ)
    app = Flask("evalsys", template_folder=str(paths.templates_folder()), static_folder=None)
    app.extensions["evalsys.settings"] = chosen
    _configure(app, chosen)
    # Functions after a request run last registered first: the transaction ends before headers are set.
    headers.install(app)
    database.install(app, chosen)
    wiring.know_people(app)
    language.install(app)
    forms.install(app)
    errors.install(app)
    assets.install(app, chosen.instance)
    app.context_processor(
        lambda: {"is_demo": not g.get("database_down", False) and site.is_demo(db.session())}
    )
    wiring.connect(app)
    if chosen.proxy_hops:
        hops = chosen.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    signals.install(app, chosen.instance)
    return app


def _configure(app: Flask, chosen: Settings) -> None:
    app.config.update(
        SECRET_KEY=chosen.secret_key or _demo_secret(chosen.instance),
        SESSION_COOKIE_NAME="__Host-evalsys" if chosen.is_https else "evalsys",
        SESSION_COOKIE_SECURE=chosen.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=identity.ABSOLUTE + timedelta(hours=1),
        TRUSTED_HOSTS=list(chosen.trusted_hosts) or None,
    )
    provider = DefaultJSONProvider(app)
    provider.ensure_ascii = False
    app.json = provider
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _demo_secret(instance: Path) -> str:
    """A demo's own secret, kept beside its database; a real site is not served without a setting."""
    kept = instance / "demo-secret-key"
    if not kept.exists():
        instance.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(os.urandom(32).hex())
    return kept.read_text()
