"""Fixtures of every test: a made database on each engine, an application, a client that looks at pages."""

import gc
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, QueuePool, create_engine, make_url, text
from sqlalchemy.orm import Session

from evalsys.app import create_app
from evalsys.cli import lay_foundations
from evalsys.kernel.database import db, transaction, writing_engine
from evalsys.kernel.glances import glancing_engine
from evalsys.kernel.settings import Settings
from tests.pages import PageClient
from tests.postgres import running_server

pytest_plugins = ["tests.hall"]

# A collector that looks every 700 objects looks a thousand times a test at what a run of thousands keeps.
gc.set_threshold(50_000)

SECRET = "a secret for tests, long enough to be one"


def settings_for(instance: Path, database_url: str = "") -> Settings:
    return Settings(instance=instance, database_url=database_url, secret_key=SECRET)


def made(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        lay_foundations()
        db.engine.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of the maintenance database of a real server, started on first need."""
    with running_server(on_disk=False) as address:
        yield address


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty site on SQLite, made by the migrations once."""
    instance = tmp_path_factory.mktemp("template")
    made(settings_for(instance))
    return instance / "evalsys.sqlite3"


@pytest.fixture(scope="session")
def postgres_template(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of an empty site's database on PostgreSQL, made by the migrations once."""
    name = f"template_{uuid4().hex[:12]}"
    _administer(postgres, f"CREATE DATABASE {name}")
    made(settings_for(tmp_path_factory.mktemp("postgres"), _address(postgres, name)))
    return name


def _administer(postgres: str, statement: str) -> None:
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _address(postgres: str, name: str) -> str:
    return make_url(postgres).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Every test of data runs on both engines."""
    return str(request.param)


@pytest.fixture
def site_settings(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """The settings of a fresh, empty site on one engine."""
    if engine_name == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "evalsys.sqlite3")
        yield settings_for(tmp_path)
        return
    postgres = request.getfixturevalue("postgres")
    template = request.getfixturevalue("postgres_template")
    name = f"site_{uuid4().hex[:12]}"
    _administer(postgres, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield settings_for(tmp_path, _address(postgres, name))
    _administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """What Jinja made of each template: thousands of applications would each make the same of them."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(site_settings: Settings, compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    """An application on a fresh, empty site; no context is open, as for a request."""
    app = create_app(site_settings)
    app.jinja_env.bytecode_cache = compiled_templates
    app.test_client_class = PageClient
    yield app
    with app.app_context():
        db.session.remove()
        engines = {db.engine, writing_engine(), glancing_engine()}
        kept = {engine: engine.pool.status() for engine in engines if _in_use(engine)}
        for engine in engines:
            engine.dispose()
    # Kept by its own engines, and they by Flask-SQLAlchemy: thousands of them would fill the memory.
    db._app_engines.pop(app)
    assert not kept, f"a connection was never given back: {kept}"


def _in_use(engine: Engine) -> int:
    """How many connections are out of an engine's pool: what keeps one dies at the collector's whim."""
    pool = engine.pool
    return pool.checkedout() if isinstance(pool, QueuePool) else 0


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session inside an application context and one transaction, taken back at the end unless committed."""
    with app.app_context(), transaction() as session:
        yield session


@pytest.fixture
def client(app: Flask) -> PageClient:
    """A client without a sign-in."""
    client = app.test_client()
    assert isinstance(client, PageClient)
    return client


Inside = Callable[[Callable[[Session], object]], object]


@pytest.fixture
def committed(app: Flask) -> Inside:
    """Run a function of a session in a transaction of its own, committed at once."""

    def run(work: Callable[[Session], object]) -> object:
        with app.app_context(), transaction() as session:
            return work(session)

    return run
