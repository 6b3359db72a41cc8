"""Servers fork: every process has a writer and a queue of its own, also where its parent was writing."""

import os
import subprocess
import sys

from sqlalchemy import select

from evalsys.kernel.models import SiteFact
from evalsys.kernel.settings import Settings
from tests.conftest import Inside
from tests.server import clean_environment

PARENT_AND_CHILD = """
import os, time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from sqlalchemy import insert
from evalsys.app import create_app
from evalsys.kernel import writer
from evalsys.kernel.models import SiteFact

app, begun, go_on = create_app(), Event(), Event()

def note(connection, name):
    connection.execute(insert(SiteFact).values(name=name, value=""))

def stay(connection):
    begun.set()
    assert go_on.wait(60)

def asked(action, *args):
    with app.app_context():
        writer.run(action, *args)

asked(note, "before")
if not app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
    # SQLite itself does not bear a fork inside a transaction.
    go_on.set()
pool = ThreadPoolExecutor(2)
staying = pool.submit(asked, stay)
assert begun.wait(60)
waiting = pool.submit(asked, note, "parent's, waiting while it forks")
while not (go_on.is_set() or len(writer.writer_of(app))):
    time.sleep(0.01)
if go_on.is_set():
    staying.result()
    waiting.result()
child = os.fork()
if not child:
    asked(note, "child's")
    os._exit(0)
time.sleep(0.2)
go_on.set()
staying.result()
waiting.result()
assert os.waitpid(child, 0)[1] == 0
asked(note, "parent's, afterwards")
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
    assert {"before", "parent's, waiting while it forks", "child's", "parent's, afterwards"} <= names
