"""The demo hall has the shape of a reference county hall."""

import string
from collections import Counter

from evalsys.demo import hall, items, people
from evalsys.demo.catalogue.families import names_of
from evalsys.demo.catalogue.frequent import FREQUENT

WINDOWS = hall.counters()
ITEMS = items.items(WINDOWS)


def test_the_hall_has_210_windows_in_three_zones():
    assert len(WINDOWS) == len({window.number for window in WINDOWS}) == 210
    assert {window.zone for window in WINDOWS} == {"A区", "B区", "C区"}


def test_every_department_has_its_number_of_windows():
    found = Counter(window.department for window in WINDOWS)
    assert found == {"SP": 62, "SW": 38, "RS": 34, "GA": 28, "YB": 20, "GJ": 14, "BD": 14}


def test_the_special_windows_are_there():
    kinds = Counter(window.kind for window in WINDOWS)
    assert (kinds["办不成事"], kinds["领导带班"], kinds["涉企"], kinds["综合"]) == (1, 2, 4, 7)
    assert [window.number for window in WINDOWS if window.kind == "办不成事"] == ["A12"]
    assert len({window.department for window in WINDOWS if window.kind == "综合"}) == 7


def test_five_units_have_no_windows():
    assert len(hall.OFFICES) == 5
    assert not {office.code for office in hall.OFFICES} & {window.department for window in WINDOWS}


def test_a_credit_code_ends_in_its_check_sign():
    signs = "".join(sign for sign in string.digits + string.ascii_uppercase if sign not in "IOSVZ")
    whole = hall.unit_credit_code(7)
    total = sum(signs.index(sign) * pow(3, place, 31) for place, sign in enumerate(whole[:17]))
    assert len(whole) == 18
    # GB 32100: the weighted sum of the body and the check sign together is divisible by 31.
    assert (total + signs.index(whole[17])) % 31 == 0


def test_more_than_five_hundred_items_have_a_code_of_31_signs_each():
    assert len(ITEMS) > 500
    assert {len(item.task_code) for item in ITEMS} == {31}
    assert len({item.task_code for item in ITEMS}) == len({item.name for item in ITEMS}) == len(ITEMS)


def test_every_item_belongs_to_a_desk_and_has_windows_of_its_department():
    department_of = {window.number: window.department for window in WINDOWS}
    desks = {(d.code, desk.name) for d in hall.DEPARTMENTS for desk in d.desks}
    for item in ITEMS:
        assert (item.department, item.desk) in desks, item.name
        assert len(item.windows) >= 2, item.name
        assert len(set(item.windows)) == len(item.windows), item.name
        assert {department_of[number] for number in item.windows} == {item.department}, item.name


def test_every_ordinary_window_handles_something():
    handled = {number for item in ITEMS for number in item.windows}
    idle = {window.kind for window in WINDOWS if window.number not in handled}
    assert idle == {"办不成事", "领导带班"}


def test_28_frequent_items_say_which_papers_to_bring_and_what_people_call_them():
    frequent = [item for item in ITEMS if item.high_frequency]
    assert len(frequent) == len(FREQUENT) == 28
    assert all(item.aliases and item.papers and item.windows for item in frequent)


def test_the_catalogue_names_no_item_twice():
    names = [name for department in hall.DEPARTMENTS for name in names_of(department.families)]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_the_same_seed_draws_the_same_people_and_another_seed_others():
    once, again, other = (people.staffing(WINDOWS, seed) for seed in (1, 1, 2))
    assert once == again
    assert [p.name for p in once.people] != [p.name for p in other.people]


def test_300_to_330_people_with_names_of_their_own_work_there():
    staff = people.staffing(WINDOWS, 1)
    assert 300 <= len(staff.people) <= 330
    assert len({p.name for p in staff.people}) == len({p.staff_no for p in staff.people}) == len(staff.people)
    assert sum(p.party_post for p in staff.people) == 3


def test_every_window_but_the_leaders_has_a_crew_of_its_department():
    staff = people.staffing(WINDOWS, 1)
    department = {p.staff_no: p.department for p in staff.people}
    crews = {crew.window: crew.clerks for crew in staff.crews}
    assert Counter(len(clerks) for clerks in crews.values()) == {1: 146, 2: 62}
    for window in WINDOWS:
        if window.kind != "领导带班":
            assert {department[no] for no in crews[window.number]} == {window.department}
