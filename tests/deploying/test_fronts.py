"""The nginx and Caddy files of docs/deploying before the real server: what passes, and what is written down.

Seen failing: with $proxy_add_x_forwarded_for and two hops a spoofed address is believed; with nginx's own log
format the receipt stands in the log; without error_page the pages are nginx's; without max_conns nobody is
refused by the front.
"""

import re
import socket
import ssl
import threading
import time
from contextlib import ExitStack

import pytest
from flask import Flask
from sqlalchemy import select

from evalsys.evaluation.models import RatingTrace, Submission
from evalsys.kernel.access import Permission, access_of
from evalsys.kernel.database import db, transaction
from evalsys.kernel.secrets import digest, spelled
from tests.deploying.fronts import DEPLOYING, FORM, KINDS, Front, Reply, connections_at, front
from tests.faults.phones import new_key
from tests.faults.servers import Server
from tests.faults.sites import Site, locked
from tests.server import held_port

pytestmark = pytest.mark.xdist_group("deploying")

SLOW = 100  # connections
CITIZENS = 16 * 1024  # bytes of a citizen's form
AGENT = "Mozilla/5.0 (a phone of its own kind)"
SPOOFED = {"X_Forwarded_For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X_Real_IP": "203.0.113.9"}


def receipt_of(reply: Reply) -> str:
    assert reply.status == 303, (reply.status, reply.words)
    return reply.headers["location"].rpartition("/")[2]


def device_of(site: Site, receipt: str) -> str | None:
    """The mark of the device a rating came from: its address and browser under the day's key."""
    with site.app.app_context():
        try:
            with transaction() as session:
                found = select(RatingTrace.device_hash).join(
                    Submission, Submission.rating_id == RatingTrace.rating_id
                )
                return session.scalar(found.where(Submission.receipt_hash == digest(spelled(receipt))))
        finally:
            db.session.remove()
            db.engine.dispose()


def test_a_rating_walks_through_the_front(gate: Front, site: Site) -> None:
    form = gate.ask("GET", f"/q/{site.codes[0]}")
    assert form.status == 200
    assert form.headers["content-security-policy"].startswith("default-src 'none'")
    assert form.headers["cache-control"] == "private, no-cache"
    key = re.search(r'name="key" value="([^"]+)"', form.words)
    assert key
    receipt = receipt_of(gate.rate(site.codes[0], key[1]))
    assert gate.ask("GET", f"/receipt/{receipt}").status == 200
    assert receipt_of(gate.rate(site.codes[0], key[1])) == receipt
    assert site.look([receipt]).lost == frozenset()


def test_a_citizens_page_is_sent_packed(gate: Front, site: Site) -> None:
    page = gate.ask("HEAD", f"/q/{site.codes[0]}", headers={"Accept-Encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"


def test_browsers_may_keep_static_files_for_ever(gate: Front) -> None:
    page = gate.ask("GET", "/sign-in")
    (address, *_) = re.findall(r'"(/static/[^"]+\.css)"', page.words)
    for _ in range(2):
        kept = gate.ask("GET", address)
        assert (kept.status, "immutable" in kept.headers["cache-control"]) == (200, True)


def test_a_sign_in_stays_with_this_host_and_with_tls(gate: Front) -> None:
    cookie = gate.ask("GET", "/sign-in").headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert "; Secure" in cookie


def test_what_a_client_says_of_its_address_is_not_believed(gate: Front, site: Site) -> None:
    honest = receipt_of(gate.rate(site.codes[0], new_key(), User_Agent=AGENT))
    spoofed = receipt_of(gate.rate(site.codes[0], new_key(), User_Agent=AGENT, **SPOOFED))
    assert device_of(site, honest) == device_of(site, spoofed) is not None


def test_newer_http_is_spoken(gate: Front) -> None:
    context = gate.context()
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("localhost", gate.port)) as wire,
        context.wrap_socket(wire, server_hostname="localhost") as secured,
    ):
        assert (secured.selected_alpn_protocol(), secured.version()) == ("h2", "TLSv1.3")


def test_who_comes_without_tls_is_sent_to_it(gate: Front, site: Site) -> None:
    sent = gate.ask_plain(f"/q/{site.codes[0]}")
    assert sent.status == 308
    assert sent.headers["location"] == f"https://localhost/q/{site.codes[0]}"


def test_another_name_is_nobody_here(gate: Front) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("localhost", gate.port)) as wire, pytest.raises(ssl.SSLError):
        context.wrap_socket(wire, server_hostname="elsewhere.example")


def test_what_is_for_the_machine_itself_is_not_shown(gate: Front) -> None:
    assert [gate.ask("GET", path).status for path in ("/metrics", "/readyz")] == [404, 404]


def test_a_citizens_form_too_large_is_told_so_in_words(gate: Front, site: Site) -> None:
    before = site.look().ratings
    for size in (CITIZENS, 4 * CITIZENS):
        large = gate.ask("POST", f"/q/{site.codes[0]}", f"level=5&key={new_key()}&text={'x' * size}", FORM)
        assert (large.status, "内容太大" in large.words) == (413, True)
    assert site.look().ratings == before


def test_nothing_a_citizen_could_be_found_by_is_written(gate: Front, site: Site) -> None:
    receipt = receipt_of(gate.rate(site.codes[0], new_key(), User_Agent=AGENT))
    gate.ask("GET", f"/receipt/{receipt}?seen=1", headers={"User-Agent": AGENT})
    gate.ask("GET", "/nothing-here")
    told = gate.written()
    assert '"status":404' in told
    for secret in (receipt, "receipt/", site.codes[0], "/q/", AGENT, "seen=1", "nothing-here"):
        assert secret not in told, secret
    assert "127.0.0.1" not in (gate.folder / "access.log").read_text(encoding="utf-8")


def test_bodies_that_come_slowly_hold_no_thread_of_the_server(
    gate: Front, site: Site, server: Server
) -> None:
    head = [f"POST /q/{site.codes[0]} HTTP/1.1", "Host: localhost", "Content-Length: 8000"]
    head += [f"{name}: {value}" for name, value in FORM.items()]
    begun = "\r\n".join([*head, "", "level="]).encode()
    with ExitStack() as held:
        for _ in range(SLOW):
            wire = held.enter_context(socket.create_connection(("localhost", gate.port)))
            secured = held.enter_context(gate.context().wrap_socket(wire, server_hostname="localhost"))
            secured.sendall(begun)
        assert gate.rate(site.codes[0], new_key()).status == 303
        # What the front keeps open to the server, none of it a slow one's.
        assert connections_at(int(server.address.rpartition(":")[2])) < SLOW / 2


BY_THE_FRONT = "刚才的评价可以再交一次"


def test_more_than_the_front_lets_in_is_told_at_once_to_come_again(gate: Front, site: Site) -> None:
    replies: list[Reply] = []
    told = threading.Event()
    gives_up_at = time.monotonic() + 60

    def tap() -> None:
        """Rate until the front has told somebody to come again: on a busy machine a crowd takes its time."""
        while not told.is_set() and time.monotonic() < gives_up_at:
            replies.append(gate.rate(site.codes[0], new_key()))
            if BY_THE_FRONT in replies[-1].words:
                told.set()

    crowd = [threading.Thread(target=tap) for _ in range(130)]
    # The writer cannot get on, so whoever was let in stays under way until it can.
    with locked(site):
        for phone in crowd:
            phone.start()
        assert told.wait(60)
    for phone in crowd:
        phone.join()
    assert {reply.status for reply in replies} <= {303, 503}
    assert all(int(reply.headers["retry-after"]) > 0 for reply in replies if reply.status == 503)
    assert site.look([receipt_of(reply) for reply in replies if reply.status == 303]).lost == frozenset()
    assert gate.rate(site.codes[0], new_key()).status == 303


@pytest.mark.parametrize("kind", KINDS)
def test_a_site_that_is_away_is_said_in_words_and_nobody_is_written_down(kind: str, site: Site) -> None:
    with held_port() as port, front(kind, f"http://127.0.0.1:{port}") as gate:
        away = gate.rate(site.codes[0], new_key(), User_Agent=AGENT)
        api = gate.ask("GET", "/api/v1/ratings")
        told = gate.written()
    assert (away.status, away.headers["retry-after"], "不会重复计算" in away.words) == (503, "5", True)
    assert (api.status, api.headers["retry-after"]) == (503, "5")
    for secret in (site.codes[0], "/q/", AGENT):
        assert secret not in told


def patterns(file: str, which: str) -> list[str]:
    return re.findall(which, (DEPLOYING / file).read_text(encoding="utf-8"))


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_fronts_know_every_address_citizens_and_devices_write_to(app: Flask) -> None:
    (nginx, uploads) = patterns("nginx.conf", r"location ~ (\^\S+) \{")[:2]
    (caddy,) = patterns("Caddyfile", r"path_regexp (\S+)")
    assert nginx == caddy
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()):
            continue
        address = re.sub(r"<[^>]+>", "1", rule.rule)
        view = app.view_functions[rule.endpoint]
        assert bool(re.search(nginx, address)) == (not isinstance(access_of(view), Permission)), rule.rule
        if getattr(view, "takes_files", False):
            assert re.search(uploads, address), rule.rule
