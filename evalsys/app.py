"""Building the application."""

import logging
import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Request, g
from flask.json.provider import DefaultJSONProvider
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, MapAdapter, ValidationError

from evalsys import wiring
from evalsys.identity import rules as identity
from evalsys.kernel import (
    assets,
    database,
    errors,
    forms,
    glances,
    headers,
    kept,
    language,
    metrics,
    paths,
    rehearsal,
    revision,
    settings,
    signals,
    site,
    watching,
    writer,
)
from evalsys.kernel.database import db
from evalsys.kernel.settings import Settings, SettingsFault
from evalsys.organisation.queries import units

OWN_MACHINE = {"127.0.0.1", "::1", "localhost"}
# Kept forms and files, by what their paths begin with, and the routes they stand for.
ANSWERED_BEFORE = {"/q/": "/q/<code>", "/static/": "/static/<file>"}
# They give figures alone; nothing they answer is made of the name they were asked by.
WATCHED_BY_ANY_NAME = frozenset({"/healthz", "/readyz", "/metrics"})
KEY_WANTED = "a real site needs one, at least 32 characters"

log = logging.getLogger("evalsys")


class _Application(Flask):
    """Flask, which names a failed request by its path; ours is told by its route, where it is answered."""

    def log_exception(self, exc_info: object) -> None:
        """Leave it to the page of faults."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Take trusted hosts only, but from programs that watch any: they ask the machine itself."""
        if request is None or request.path not in WATCHED_BY_ANY_NAME:
            return super().create_url_adapter(request)
        return self.url_map.bind_to_environ(request.environ, subdomain=self.url_map.default_subdomain)


class _Id(IntegerConverter):
    """A number in an address, no larger than an id may be: a larger one names nothing."""

    def to_python(self, value: str) -> int:
        """The number, unless it is too large."""
        number: int = super().to_python(value)
        if number >= 2**63:
            raise ValidationError
        return number


def create_app(given: Settings | None = None) -> Flask:
    """The application as it is served, with its settings (the environment's, unless given).

    Raises SettingsFault naming every unusable setting, and for a real site without a secret of its own;
    NotDurable for a database that thanks too early.
    """
    app = assemble(given)
    with app.app_context():
        lacks_secret = not settings.current().secret_key and is_in_earnest(db.session())
        database.check_durable(db.session())
        # A server may fork after this: it takes no open connection along.
        db.session.remove()
        db.engine.dispose()
    if lacks_secret:
        raise SettingsFault([f"EVALSYS_SECRET_KEY: {KEY_WANTED}"])
    return app


def is_in_earnest(session: Session) -> bool:
    """Whether this place is a real site, or was furnished without a word that it is a demo."""
    if revision.present(session.connection()) is None:
        return False
    kind = site.kind(session)
    return kind == site.REAL or (kind is None and bool(units.unit_codes(session)))


def assemble(given: Settings | None = None) -> Flask:
    """The application with its features and guards, as commands use it; only the demo may be served so.

    Raises SettingsFault naming every unusable setting.
    """
    chosen = given or settings.from_environment(os.environ)
    app = _Application("evalsys", template_folder=str(paths.templates_folder()), static_folder=None)
    app.extensions["evalsys.settings"] = chosen
    app.url_map.converters["int"] = _Id
    _configure(app, chosen)
    # Functions after a request run last registered first: the transaction ends before headers are set.
    metrics.install(app, chosen.instance)
    headers.install(app, https=chosen.is_https)
    database.install(app, chosen)
    glances.install(app)
    writer.install(app)
    rehearsal.install(app)
    kept.install(app, chosen.instance)
    wiring.know_people(app)
    language.install(app)
    forms.install(app)
    errors.install(app)
    assets.install(app, chosen.instance, headers.of_files(https=chosen.is_https))
    app.context_processor(
        lambda: {"is_demo": not g.get("database_down", False) and site.is_demo(db.session())}
    )
    wiring.connect(app)
    if chosen.proxy_hops:
        hops = chosen.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    # What is asked every second, a screen's signal, is answered outside and not noted.
    watching.install(app, ANSWERED_BEFORE)
    signals.install(app, chosen.instance)
    return app


def _configure(app: Flask, chosen: Settings) -> None:
    if not chosen.is_https and urlsplit(chosen.base_url).hostname not in OWN_MACHINE:
        log.warning("EVALSYS_BASE_URL is not https: sign-in cookies cross the network in the clear")
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
