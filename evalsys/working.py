"""`evalsys work`: timed work as it falls due, what stands in the outbox, and a look at the ways to rate."""

import logging
import secrets
import subprocess
import sys
import time
from contextlib import suppress

import click
from sqlalchemy.exc import SQLAlchemyError

from evalsys import wiring
from evalsys.assurance.actions import probing
from evalsys.assurance.queries import drills
from evalsys.kernel import clock, jobs, logs, outbox, settings
from evalsys.kernel.database import db, let_go, transaction
from evalsys.kernel.refusals import Refused

log = logging.getLogger("evalsys")

WORK_EVERY = 30  # seconds between two looks for timed work
SEND_EVERY = 5  # seconds between two looks into the outbox
STARTS_WITHIN = 60  # seconds for the server beside, before its silence is a fault
# What may go wrong in one job without being the end of the others; anything else ends the worker.
FAULTS_OF_A_JOB = (SQLAlchemyError, OSError, Refused, ValueError, LookupError, ArithmeticError)


@click.command()
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
