"""A program that posts ratings through the whole application, made to be killed and cut off.

It builds the application once and then waits. Each `child` on its standard input is answered by a child of
its own, whose process id it says; the child posts what it is asked to and says every thank-you the moment
it has it, so that whoever listens knows what was promised when the child ended. `python -m
tests.faults.posting CODE…`; the site is that of the environment.
"""

import argparse
import os
import secrets
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

from flask import Flask
from sqlalchemy import event
from sqlalchemy.pool import Pool

AT_ONCE = 4  # phones that post at the same moment, so that commits are shared


def main() -> None:
    """Be the parent: it never opens the database, and has a single thread when it forks."""
    chosen = _chosen()
    if chosen.library == "sqlite3":
        # As on a machine without pysqlite3: the interpreter's own library, whatever its age.
        sys.modules["pysqlite3"] = None  # type: ignore[assignment]
    from evalsys.app import create_app

    app = create_app()
    if chosen.synchronous:
        pragma = f"PRAGMA synchronous={chosen.synchronous}"
        event.listen(Pool, "checkout", lambda connection, *_: connection.execute(pragma))
    say("ready")
    while asked():
        child = os.fork()
        if child == 0:
            _be_a_child(app, chosen)
        _, status = os.waitpid(child, 0)
        say(f"ended {os.waitstatus_to_exitcode(status)}")


def _chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("codes", nargs="+")
    parser.add_argument("--synchronous", default="", help="another setting than the product's")
    parser.add_argument("--library", default="", help="sqlite3: the interpreter's own")
    parser.add_argument("--early", action="store_true", help="say thank-you before anything is stored")
    return parser.parse_args()


def _be_a_child(app: Flask, chosen: argparse.Namespace) -> None:
    """Do what is asked until nothing more is, or until it is killed."""
    codes = cycle(chosen.codes)
    say(f"child {os.getpid()}")
    with ThreadPoolExecutor(AT_ONCE) as phones:
        while order := asked():
            what, number = order.split()
            act = _look if what == "look" else _post_early if chosen.early else _post
            for _ in phones.map(lambda code, act=act: act(app, code), islice(codes, int(number))):
                pass
            say("done")
    os._exit(0)


def _post(app: Flask, code: str) -> None:
    answer = app.test_client().post(f"/q/{code}", data={"level": "5", "key": secrets.token_urlsafe(24)})
    if answer.status_code == 303:
        say(f"thanks {answer.location.rpartition('/')[2]}")
    else:
        say(f"refused {answer.status_code} {' '.join(answer.text.split())}")


def _post_early(app: Flask, code: str) -> None:
    """What the product must never do: give the receipt, and then store."""
    from evalsys.evaluation.views import keys

    key = secrets.token_urlsafe(24)
    with app.test_request_context():
        say(f"thanks {keys.receipt_of(key)}")
    app.test_client().post(f"/q/{code}", data={"level": "5", "key": key})


def _look(app: Flask, code: str) -> None:
    say(f"shown {app.test_client().get(f'/q/{code}').status_code}")


def say(words: str) -> None:
    """One line in one write: no two threads' lines mix, and none waits in a buffer of a killed process."""
    os.write(1, f"{words}\n".encode())


def asked() -> str:
    """The next line asked; read sign by sign, for parent and child read the same pipe."""
    return "".join(iter(_sign, "")).strip()


def _sign() -> str:
    sign = os.read(0, 1).decode()
    return "" if sign == "\n" else sign


if __name__ == "__main__":
    main()
