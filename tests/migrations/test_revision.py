"""Where a schema stands is told without the tool that changes it, and both agree."""

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import create_engine

from evalsys.kernel import paths, revision
from evalsys.kernel.database import db


def test_the_newest_revision_is_the_one_upgrades_lead_to() -> None:
    config = Config()
    config.set_main_option("script_location", str(paths.migrations_folder()))
    assert revision.newest() == ScriptDirectory.from_config(config).get_current_head()


def test_an_upgraded_site_is_current(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        assert revision.present(connection) == revision.newest()
        assert revision.is_current(connection)


def test_an_empty_place_has_no_revision() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        assert revision.present(connection) is None
        assert not revision.is_current(connection)
    engine.dispose()
