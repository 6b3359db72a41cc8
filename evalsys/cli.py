"""The `evalsys` command: one group for each feature, and what concerns the whole site."""

import importlib
import logging
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from threading import Event, Thread

import click
from granian import Granian
from granian.constants import Interfaces
from sqlalchemy.exc import SQLAlchemyError

from evalsys import wiring
from evalsys.app import KEY_WANTED, assemble, is_in_earnest
from evalsys.assurance import cli as assurance
from evalsys.assurance.actions import probing
from evalsys.assurance.queries import drills
from evalsys.demo import command as demo
from evalsys.desk import cli as desk
from evalsys.evaluation import cli as evaluation
from evalsys.identity import cli as identity
from evalsys.identity.actions.accounts import NewAccount, create_account
from evalsys.kernel import (
    assets,
    clock,
    jobs,
    listening,
    logs,
    memory,
    metrics,
    outbox,
    revision,
    settings,
    site,
    writer,
)
from evalsys.kernel.database import check_durable, db, engine_in_words, let_go, transaction
from evalsys.kernel.refusals import Refused
from evalsys.kernel.settings import SettingsFault
from evalsys.organisation import cli as organisation
from evalsys.organisation.actions.founding import found_unit
from evalsys.privacy import cli as privacy
from evalsys.rectification import cli as rectification
from evalsys.scoring import actions as sums
from evalsys.scoring import cli as scoring
from evalsys.worktime import cli as worktime

log = logging.getLogger("evalsys")

WORK_EVERY = 30  # seconds between two looks for timed work
SEND_EVERY = 5  # seconds between two looks into the outbox
STARTS_WITHIN = 60  # seconds for the server beside, before its silence is a fault
ENDS_WITHIN = 20  # seconds for a worker told to end, before it is killed
# What may go wrong in one job without being the end of the others; anything else ends the worker.
FAULTS_OF_A_JOB = (SQLAlchemyError, OSError, Refused, ValueError, LookupError, ArithmeticError)


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """好差评: rate a service window, count every rating once, rank honestly."""
    if context.invoked_subcommand == "settings" or "--help" in sys.argv:
        return
    try:
        app = assemble()
    except SettingsFault as fault:
        raise click.ClickException("settings cannot be used:\n" + "\n".join(fault.faults)) from fault
    context.with_resource(app.app_context())


@main.command("settings")
def show_settings() -> None:
    """Print the page of settings."""
    click.echo(settings.as_markdown(), nl=False)


@main.command()
def upgrade() -> None:
    """Create or upgrade the database, and put in place what every site needs."""
    lay_foundations()
    click.echo("数据库已是最新。 The database is up to date.")


def lay_foundations() -> None:
    """Bring the schema up and put in place what every site needs; nothing else makes a database."""
    # Loaded here alone: the workers are forked from `serve` and would hold it, some 12 MB, for ever.
    schema = importlib.import_module("evalsys.kernel.schema")
    try:
        schema.upgrade()
    except Refused as busy:
        raise click.ClickException(str(busy)) from busy
    with transaction() as session:
        for foundation in wiring.FOUNDATIONS:
            foundation(session)
    assets.prepare(settings.current().instance)


@main.command()
@click.option("--admin", default="admin", show_default=True, help="Account name of the first administrator.")
@click.option("--unit-code", default="GL", show_default=True, help="Code of the unit that runs the site.")
@click.option("--unit-name", default="政务服务管理机构", show_default=True, help="Name of that unit.")
def start(admin: str, unit_code: str, unit_name: str) -> None:
    """Begin a real site in an empty place; the first password stands alone on the last line."""
    lay_foundations()
    with transaction() as session:
        if site.kind(session) is not None:
            raise click.ClickException(
                "这里已经有站点或演示数据。正式站点要从空的位置开始:"
                "请换一个 EVALSYS_INSTANCE 或 EVALSYS_DATABASE_URL。"
            )
        site.declare(session, site.REAL)
        unit_id = found_unit(session, unit_code, unit_name, clock.today())
        new = NewAccount(admin, admin, unit_id, frozenset({"system-admin"}))
        password = create_account(session, new, None)
    if not settings.current().secret_key:
        click.echo(f"EVALSYS_SECRET_KEY={secrets.token_urlsafe(48)}")
        click.echo("请把上面这一行放进环境变量并妥善保管,再运行 evalsys serve。")
    click.echo(f"系统管理员账号 {admin},首次密码在下一行,第一次登录时要改。")
    click.echo(password)


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", default=1, show_default=True)
@click.option("--work/--no-work", default=True, help="Do timed work beside serving.")
def serve(port: int, host: str, workers: int, work: bool) -> None:
    """Serve the site."""
    with transaction() as session:
        if not revision.is_current(session.connection()):
            raise click.ClickException("the database is not up to date: run `evalsys upgrade` first")
        if is_in_earnest(session) and not settings.current().secret_key:
            raise click.ClickException(f"set EVALSYS_SECRET_KEY: {KEY_WANTED}")
        try:
            check_durable(session)
            listening.expect_free(host, port)
        except Refused as fault:
            raise click.ClickException(str(fault)) from fault
        sums.note_formulas(session, settings.current(), clock.now())
    assets.prepare(settings.current().instance)
    db.engine.dispose()
    metrics.forget(settings.current().instance)
    memory.hold_little()
    os.register_at_fork(after_in_child=_end_when_told)
    # Who listens everywhere is asked on the machine itself.
    beside = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104 - only compared
    with _working_beside(beside) if work else nullcontext():
        click.echo(engine_in_words(), err=True)
        logs.begin()
        click.echo(f"http://{host}:{port}")
        Granian(
            "evalsys.app:create_app",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            # Most wait for the next commit; more than may wait, so that the others are told so at once.
            blocking_threads=writer.WAITING + 32,
            # One that dies is followed by another; the rest go on.
            respawn_failed_workers=True,
            workers_kill_timeout=ENDS_WITHIN,
            log_access=False,
            log_dictconfig=logs.of_the_server(),
        ).serve()


def _end_when_told() -> None:
    """In a worker just forked: until its own handlers stand, those of the server would swallow the signal."""
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, signal.SIG_DFL)


def _worker(address: str) -> jobs.Process:
    """Timed work beside the server that listens at an address: there it tries the ways to rate."""
    named = settings.PREFIX + "PROBE_URL"
    environment = {named: address, **os.environ}
    return subprocess.Popen([sys.executable, "-m", "evalsys", "work"], env=environment)


@contextmanager
def _working_beside(address: str) -> Iterator[None]:
    """Do timed work in a process of its own, started again should it end."""
    stopping = Event()
    start = partial(_worker, address)
    # The first is started here: the server forks, which does not go well with a thread that starts it.
    watch = Thread(target=jobs.keep_running, args=(start(), start, stopping), daemon=True)
    watch.start()
    try:
        yield
    finally:
        stopping.set()
        watch.join()


@main.command()
@click.option("--once", is_flag=True, help="Do what is due and stop.")
def work(once: bool) -> None:
    """Do timed work as it falls due, and send what stands in the outbox."""
    logs.begin()
    with suppress(KeyboardInterrupt):
        if once:
            sys.exit(1 if do_due_work() + send_messages() + probe_ways(is_settled=True) else 0)
        settled_at = time.monotonic() + STARTS_WITHIN
        drilling = None
        while True:
            do_due_work()
            probe_ways(is_settled=time.monotonic() > settled_at)
            drilling = drill_where_asked(drilling)
            again_at = time.monotonic() + WORK_EVERY
            while time.monotonic() < again_at:
                send_messages()
                time.sleep(SEND_EVERY)


def do_due_work() -> list[str]:
    """Do every timed job that is due, each in a transaction of its own; the names of those that failed.

    What failed is logged, keeps no other from being done, and is due again at the next look.
    """
    now, failed = clock.now(), []
    try:
        with transaction() as session:
            waiting = jobs.due(session, wiring.TIMED, now)
    except SQLAlchemyError:
        log.exception("timed work cannot be looked for")
        return ["due"]
    for job in waiting:
        try:
            with transaction() as session:
                jobs.perform(session, job, now)
        except FAULTS_OF_A_JOB:
            log.exception("timed work failed: %s", job.name)
            failed.append(job.name)
    return failed


def drill_where_asked(running: jobs.Process | None) -> jobs.Process | None:
    """Have the drill that was asked for done by a process of its own, one at a time; the one at work."""
    if running is not None and running.poll() is None:
        return running
    try:
        is_asked = drills.is_asked(db.session())
    except SQLAlchemyError:
        log.exception("drills cannot be looked for")
        return None
    finally:
        let_go()
    return subprocess.Popen([sys.executable, "-m", "evalsys", "drill", "--asked"]) if is_asked else None


def probe_ways(*, is_settled: bool) -> list[str]:
    """Try every way to rate once a quarter of an hour; the word "probe" where that could not be done."""
    try:
        probing.probe_in_time(clock.now(), is_settled=is_settled)
    except FAULTS_OF_A_JOB:
        log.exception("the ways to rate cannot be tried")
        return ["probe"]
    return []


def send_messages() -> list[str]:
    """Send what is due in the outbox; the word "outbox" where that could not even be looked for.

    What a receiver did not take is no fault of ours: it is written down and tried again.
    """
    senders = [sender for ways in wiring.SENDERS for sender in ways(settings.current())]
    try:
        outbox.send_due(senders, clock.now, secrets.SystemRandom().random)
    except SQLAlchemyError:
        log.exception("the outbox cannot be looked into")
        return ["outbox"]
    return []


for command in (
    organisation.group,
    desk.group,
    identity.group,
    evaluation.group,
    rectification.group,
    scoring.group,
    worktime.group,
    privacy.group,
    assurance.seal,
    assurance.verify,
    assurance.backup,
    assurance.restore,
    assurance.drill,
    demo.command,
):
    main.add_command(command)
