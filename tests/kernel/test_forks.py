"""Servers fork: every process has a writer of its own, also where its parent had begun to write."""

import os
import subprocess
import sys

from sqlalchemy import select

from evalsys.kernel.models import SiteFact
from evalsys.kernel.settings import Settings
from tests.conftest import Inside
from tests.server import clean_environment

PARENT_AND_CHILD = """
import os, sys
from sqlalchemy import insert
from evalsys.app import create_app
from evalsys.kernel import writer
from evalsys.kernel.models import SiteFact

def note(connection, name):
    connection.execute(insert(SiteFact).values(name=name, value=""))

with create_app().app_context():
    writer.run(note, "parent before")
    child = os.fork()
    writer.run(note, "parent after" if child else "child")
    if not child:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    writer.run(note, "parent at last")
"""


def test_a_forked_child_writes_and_so_does_its_parent(
    app: object, site_settings: Settings, committed: Inside
) -> None:
    environment = clean_environment() | {
        "EVALSYS_INSTANCE": str(site_settings.instance),
        "EVALSYS_DATABASE_URL": site_settings.database,
        "EVALSYS_SECRET_KEY": site_settings.secret_key,
        "PYTHONPATH": os.getcwd(),
    }
    subprocess.run([sys.executable, "-c", PARENT_AND_CHILD], env=environment, check=True, timeout=120)
    names = committed(lambda session: set(session.scalars(select(SiteFact.name))))
    assert isinstance(names, set)
    assert {"parent before", "parent after", "child", "parent at last"} <= names
