"""The visitors of the demo come, rate and speak as visitors of a hall do."""

import csv
from collections import Counter
from datetime import date, timedelta
from importlib import resources
from random import Random

import pytest

from evalsys.demo import hall, items, opinions, people, planted, quality, rota, visits
from evalsys.demo.plan import DemoPlan
from evalsys.kernel import clock
from evalsys.kernel.masking import masked

TODAY = date(2026, 10, 21)
WINDOWS = hall.counters()
STAFF = people.staffing(WINDOWS, 1)
DAYS = DemoPlan(seed=1, today=TODAY, ratings=0, days=90).days_of_rota()
WORKING_DAYS = frozenset(day for day in DAYS if day.weekday() < 5)
PLAN = rota.rota(WINDOWS, STAFF, rota.Calendar(TODAY, DAYS, WORKING_DAYS), seed=1)
TRUTH = quality.quality(WINDOWS, STAFF, seed=1)


def national_tags() -> list[opinions.Tag]:
    source = resources.files("evalsys.evaluation").joinpath("national_tags.csv")
    with source.open(encoding="utf-8") as lines:
        return [
            opinions.Tag(row["code"], int(row["level"]), row["attribution"], row["shown_first"] == "1")
            for row in csv.DictReader(lines)
        ]


def heard(number: int, seed: int = 1) -> list[visits.Heard]:
    chance = Random(f"{seed}:visits")
    voices = opinions.Voices(national_tags(), items.items(WINDOWS), chance)
    people_there = visits.Hall(WINDOWS, PLAN, TRUTH, voices, chance)
    days = PLAN.served_days(TODAY - timedelta(days=89), TODAY - timedelta(days=1))
    return list(people_there.visits(number, days))


@pytest.fixture(scope="module")
def many() -> list[visits.Heard]:
    return heard(20_000)


def test_the_same_seed_draws_the_same_visitors():
    assert heard(500) == heard(500)
    assert heard(500) != heard(500, seed=2)


def test_exactly_as_many_come_as_asked_and_in_the_order_of_time(many):
    assert len(many) == 20_000
    assert [visit.at for visit in many] == sorted(visit.at for visit in many)


def test_the_doors_have_their_shares(many):
    entries = Counter(visit.entry for visit in many)
    assert entries["tablet"] / len(many) == pytest.approx(0.70, abs=0.02)
    assert entries["kiosk"] / len(many) == pytest.approx(0.12, abs=0.02)
    assert entries["window-code"] / len(many) == pytest.approx(0.18, abs=0.02)


def test_about_twelve_in_a_thousand_are_bad(many):
    bad = sum(visit.level <= 2 for visit in many) / len(many)
    assert 0.009 < bad < 0.015


def test_lunch_is_busier_than_the_hour_after(many):
    half_hours = Counter((visit.at.hour + 8, visit.at.minute // 30) for visit in many)
    assert half_hours[12, 0] > 1.3 * half_hours[13, 30]


def test_pay_days_are_busier_than_other_days(many):
    days = Counter(clock.day_of(visit.at) for visit in many)
    assert days[date(2026, 9, 10)] > 1.25 * days[date(2026, 9, 3)]


def test_everybody_came_while_somebody_was_on_duty_or_at_a_planted_gap(many):
    on_days = {(shift.day, shift.window) for shift in PLAN.shifts}
    assert all((clock.day_of(visit.at), visit.window) in on_days for visit in many)


def test_tags_fit_the_level_that_stands_at_last(many):
    level_of = {tag.code: tag.level for tag in national_tags()}
    for visit in many:
        for code in visit.said.tags if visit.said else ():
            assert level_of[code] == (visit.corrected_to or visit.level)


def test_words_are_short_and_name_no_person_or_number(many):
    words = [visit.said.words for visit in many if visit.said and visit.said.words]
    assert len(words) > 200
    assert all(len(text) <= 150 and "{" not in text and masked(text) == text for text in words)
    assert not any(person.name in text for text in set(words) for person in STAFF.people)


def test_some_skip_the_reason_and_some_leave_without(many):
    bad = [visit for visit in many if visit.level <= 2 and not visit.corrected_to]
    assert any(visit.said and visit.said.skip for visit in bad)
    assert any(visit.said is None for visit in bad)


def test_the_counter_flatters_itself_at_a_tenth_of_the_windows():
    assert len(TRUTH.gaps) == 21
    assert all(1 <= points <= 6 for points in TRUTH.gaps.values())
    for window in TRUTH.gaps:
        here = TRUTH.shares(window, None, at_the_counter=True)
        away = TRUTH.shares(window, None, at_the_counter=False)
        assert 0.9 <= 100 * (sum(away[:2]) - sum(here[:2])) <= 6.1


def test_shares_of_levels_are_probabilities():
    for window in TRUTH.windows:
        shares = TRUTH.shares(window, None, at_the_counter=False)
        assert sum(shares) == pytest.approx(1)
        assert min(shares) > 0


def test_suspicious_runs_are_planted_good_and_bad():
    days = [TODAY - timedelta(days=n) for n in range(10, 0, -1)]
    found = planted.plants(60_000, days, [window.number for window in WINDOWS], Random(1))
    assert len({visit.device for visit in found.one_device}) == 1
    assert len(found.one_device) == 200
    assert {visit.level for visit in found.runs} == {1, 5}
    assert len(found.runs) == 60
    assert all(clock.local(visit.at).hour >= 19 for visit in found.after_hours)


def test_a_small_demo_plants_in_proportion():
    days = [TODAY - timedelta(days=n) for n in range(10, 0, -1)]
    assert len(planted.plants(1_000, days, [window.number for window in WINDOWS], Random(1)).all()) < 20
