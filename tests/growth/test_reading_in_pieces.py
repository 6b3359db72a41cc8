"""Reading everything takes no more memory than reading its first piece: rows never lie in memory together."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.builders import signed_in
from tests.growth.hall import BigHall
from tests.pages import PageClient

pytestmark = [
    pytest.mark.xdist_group("growth"),
    pytest.mark.parametrize("address", ["sqlite"], indirect=True),
]

FIRST = 1_000  # the number of the first rating made here
DAYS = 60
MOST = 1.3


@contextmanager
def memory_traced() -> Iterator[Callable[[], int]]:
    """Tells the most bytes that were held at any time since the last call, beyond those at the beginning."""
    tracemalloc.start()

    def most() -> int:
        _held, peak = tracemalloc.get_traced_memory()
        # What lies in circles is gone when the collector comes, which is not the reading's affair.
        gc.collect()
        tracemalloc.reset_peak()
        return peak

    try:
        yield most
    finally:
        tracemalloc.stop()


def most_of_a_file(client: PageClient) -> int:
    """The most bytes held while the windows' ranking is made as a workbook."""
    address = "/rankings/windows.xlsx?from=2020-01-01"
    assert client.get(address).status_code == 200  # what is prepared once
    gc.collect()
    with memory_traced() as most:
        assert client.get(address, buffered=True).status_code == 200
        return most()


def pieces(client: PageClient) -> Iterator[int]:
    """The number of rows of each piece of all ratings, from cursor to cursor."""
    cursor = ""
    while cursor is not None:
        answer = client.get(
            "/api/v1/ratings", query_string={"from": "2020-01-01", "cursor": cursor}
        ).get_json()
        yield len(answer["ratings"])
        cursor = answer["next"]


def check(hall: BigHall, number: int) -> None:
    leader = signed_in(hall.app, "leadership")
    hall.grow(FIRST, FIRST + number // 3 - 1, DAYS)
    few = most_of_a_file(leader)
    hall.grow(FIRST + number // 3, FIRST + number - 1, DAYS)
    assert most_of_a_file(leader) <= MOST * few
    client = signed_in(hall.app, "auditor")
    assert isinstance(client, PageClient)
    next(pieces(client))  # what is prepared once
    peaks, rows = [], 0
    with memory_traced() as most:
        for piece in pieces(client):
            rows += piece
            peaks.append(most())
    assert rows >= number * 0.9  # those held back are not counted
    assert len(peaks) >= number // 1_000
    assert max(peaks) <= MOST * max(peaks[:3])


def test_ratings_are_read_piece_by_piece(hall: BigHall) -> None:
    check(hall, 6_000)


@pytest.mark.growth
def test_a_hundred_thousand_ratings_are_read_piece_by_piece(hall: BigHall) -> None:
    check(hall, 100_000)
