"""A year of honest ratings and planted patterns: nearly all of these are found, and hardly any of those."""

from dataclasses import dataclass

import pytest

from evalsys.assurance.rules.signals import hits_of
from evalsys.assurance.rules.taps import Hit, Kind
from tests.assurance.suspicious_year import PHONES, Planted, Year


@dataclass(frozen=True)
class Searched:
    """What was planted, and what was found, each hit with its day's plants."""

    planted: list[Planted]
    hits: list[tuple[Hit, list[Planted]]]
    honest: int
    behind_one_address: frozenset[int]


@pytest.fixture(scope="module")
def searched() -> Searched:
    year = Year(seed=20251)
    hits: list[tuple[Hit, list[Planted]]] = []
    shared: set[int] = set()
    for day in year.days():
        plants = [plant for plant in year.planted if plant.day == day.day]
        planted = frozenset[int]().union(*(plant.roots for plant in plants))
        shared |= {tap.root for tap in day.taps if tap.device in PHONES} - planted
        hits += [(hit, plants) for hit in hits_of(day)]
    return Searched(year.planted, hits, year.honest, frozenset(shared))


def finds(hit: Hit, plant: Planted) -> bool:
    """Whether a hit is of a plant's kind and holds most of its ratings."""
    return hit.kind is plant.kind and 2 * len(plant.roots & set(hit.roots)) >= len(plant.roots)


def is_true(hit: Hit, plants: list[Planted]) -> bool:
    """Whether most of the ratings a hit names were planted."""
    planted = frozenset[int]().union(*(plant.roots for plant in plants))
    return 2 * len(planted & set(hit.roots)) >= len(hit.roots)


def test_what_was_planted_is_found_and_little_else(
    searched: Searched, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [
        plant
        for plant in searched.planted
        if any(finds(hit, plant) for hit, plants in searched.hits if plant in plants)
    ]
    true = [hit for hit, plants in searched.hits if is_true(hit, plants)]
    recall, precision = len(found) / len(searched.planted), len(true) / len(searched.hits)
    with capsys.disabled():
        print(
            f"\nsignals: {searched.honest} honest ratings, {len(searched.planted)} plants, "
            f"{len(searched.hits)} hits: recall {recall:.3f}, precision {precision:.3f}"
        )
    assert recall >= 0.95
    assert precision >= 0.9


@pytest.mark.parametrize("kind", list(Kind))
def test_each_signal_finds_its_own(searched: Searched, kind: Kind) -> None:
    plants = [plant for plant in searched.planted if plant.kind is kind]
    found = [
        plant for plant in plants if any(finds(hit, plant) for hit, there in searched.hits if plant in there)
    ]
    assert len(plants) == 12
    assert len(found) >= 11


def test_nobody_is_suspect_for_a_shared_address(searched: Searched) -> None:
    """The whole hall rates behind one address with six kinds of telephone: no mark of theirs is a hit."""
    assert len(searched.behind_one_address) > 20_000
    by_device = [
        hit
        for hit, plants in searched.hits
        if hit.kind is Kind.ONE_DEVICE
        or (hit.kind is Kind.ONE_TERMINAL and hit.evidence["entry"] == "window-code")
    ]
    suspect = {root for hit in by_device for root in hit.roots}
    assert suspect
    assert suspect & searched.behind_one_address == set()
