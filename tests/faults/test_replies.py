"""R3: lost replies and impatient thumbs: one key is one rating, and a replay shows the same receipt.

Seen failing: with a fresh key for each try of a phone, 213 rows for 151 ratings; without the unique key and
receipt of `submissions`, 223, and another level taken under the same key.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.conftest import Line, Note
from tests.faults.phones import Crowd, new_key, rate
from tests.faults.servers import serving
from tests.faults.sites import Site

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

SOME, MANY = 150, 3000
AT_ONCE = 50


def check_lost_replies(site: Site, ratings: int) -> list[Line]:
    before = site.look().ratings
    with serving(site, "--workers", "2") as server:
        crowd = Crowd(server.address, site.codes, insists=True, forgets=0.3)
        memory = crowd.rate(ratings)
        key = new_key()
        with ThreadPoolExecutor(AT_ONCE) as thumbs:
            answers = list(thumbs.map(lambda _: rate(server.address, site.codes[0], key), range(AT_ONCE)))
        thanked = {answer.receipt for answer in answers if answer.status == 303}
        # Whoever was told to come again comes again.
        thanked.add(rate(server.address, site.codes[0], key).receipt)
        other = rate(server.address, site.codes[0], key, level=1)
    assert len(memory.receipts) == ratings
    assert len(thanked) == 1
    assert {answer.status for answer in answers} <= {303, 503}
    assert other.status == 409
    found = site.look([*memory.receipts.values(), *thanked])
    assert (found.lost, found.faults) == (frozenset(), ())
    assert found.ratings - before == ratings + 1
    engine = "PostgreSQL" if site.settings.database_url else "SQLite"
    where = f"{engine}, 2 workers"
    lost = f"30 % of replies lost, {ratings:,} ratings sent until thanked for, {where}"
    at_once = f"{AT_ONCE} posts of one key at once, {where}"
    return [
        ("R3", lost, f"{ratings:,} rows for {ratings:,} keys"),
        ("R3", at_once, "1 row, 1 receipt; another level under that key: refused"),
    ]


def test_ratings_whose_replies_got_lost_count_once(own_site: Site) -> None:
    check_lost_replies(own_site, SOME)


@pytest.mark.long
def test_many_ratings_whose_replies_got_lost_count_once(any_site: Site, noted: Note) -> None:
    for line in check_lost_replies(any_site, MANY):
        noted(line)
