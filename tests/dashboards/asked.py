"""Asking all that the clerk's side and the public can ask, and finding what a subtraction would tell."""

import csv
import io
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from openpyxl import load_workbook

from evalsys.evaluation.rules import CHANNEL_WORDS
from evalsys.kernel.access import Scope
from evalsys.kernel.database import db
from evalsys.kernel.periods import KINDS, closing_named
from evalsys.scoring.queries import released
from evalsys.scoring.rules.ranking import SUBJECTS
from tests.dashboards.growing import Site

INSIDE, PUBLIC = 5, 10  # fewer than so many can be told by no subtraction


class Levels(NamedTuple):
    """A count of ratings, by level where levels are said with it."""

    n: int
    by_level: tuple[int, ...] = ()


class Figure(NamedTuple):
    """What a count is of: a closed period, a window ('' is all that is shown), and a part of it."""

    period: str
    window: str
    part: str = ""


@dataclass
class Told:
    """Everything one kind of reader was ever told, with the least number it may tell of."""

    least: int
    said: dict[Figure, set[Levels]] = field(default_factory=lambda: defaultdict(set))
    faults: list[str] = field(default_factory=list)

    def note(self, figure: Figure, count: Levels) -> None:
        self.said[figure].add(count)
        self.set_apart(count.n, f"{figure}")

    def set_apart(self, n: int, what: str) -> None:
        """A set of ratings that a subtraction tells of."""
        if 0 < abs(n) < self.least:
            self.faults.append(f"{what}: {n}")

    def compare(self) -> None:
        """Every two states of a figure, and every period with the periods inside it."""
        for figure, counts in self.said.items():
            for one, other in itertools.combinations(counts, 2):
                self.set_apart(one.n - other.n, f"{figure} at two times")
                if one.n == other.n and one.by_level and other.by_level:
                    self.faults.append(f"{figure} moved inside: {one} {other}")
            if figure.window:
                self._rings(figure, counts)

    def _rings(self, figure: Figure, counts: Iterable[Levels]) -> None:
        around = closing_named(figure.period)
        inside = {
            closing_named(other.period): {count.n for count in said}
            for other, said in self.said.items()
            if other[1:] == figure[1:] and around.holds(closing_named(other.period))
        }
        for kind in KINDS[: KINDS.index(around.kind)]:
            states = [ns for closing, ns in inside.items() if closing.kind == kind]
            sums = {sum(each) for each in itertools.product(*states)}
            for n in {count.n - less for count in counts for less in sums}:
                self.set_apart(n, f"{figure} without its {kind}s")


def levels_of(row: Mapping[str, Any]) -> Levels:
    return Levels(row["n"], tuple(row["levels"].values()))


def rows_of(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a ranking, with that of the ratings matched to nobody."""
    return [*said["rows"], *([said["unmatched"]] if said["unmatched"] else [])]


def counted(rows: Iterable[Mapping[str, Any]]) -> Levels:
    """The sum of some rows."""
    by_level = [sum(ns) for ns in zip((0,) * 5, *(row["levels"].values() for row in rows), strict=True)]
    return Levels(sum(by_level), tuple(by_level))


class ClerksSide:
    """Asks everything the clerk's side can ask."""

    def __init__(self, site: Site, told: Told) -> None:
        self.site, self.told = site, told

    def ranking(self, subject: str, period: str, **limits: str) -> dict[str, Any]:
        """One answer of the JSON interface, every figure of one window in it noted."""
        asked = {"period": period, **limits}
        client = self.site.anybody()
        answer = client.get(f"/api/v1/rankings/{subject}", query_string=asked, headers=self.site.bearer)
        assert answer.status_code == 200, asked
        said: dict[str, Any] = answer.get_json()
        for row in rows_of(said):
            for name, part in row["channels"].items():
                if part is not None:
                    self.told.set_apart(row["n"] - part["n"], f"{period} {row['code']} without {name}")
            window = row["code"] if subject == "windows" else limits.get("window", "")
            if window and "channel" not in limits:
                self._note(period, window, row, row["code"] if subject == "staff" else "")
        return said

    def _note(self, period: str, window: str, row: Mapping[str, Any], clerk: str) -> None:
        self.told.note(Figure(period, window, clerk), levels_of(row))
        for name, part in row["channels"].items():
            if part is not None:
                self.told.note(Figure(period, window, name), Levels(part["n"]))

    def ask(self) -> None:
        """Everything about every period that was released, and each page and file of the latest."""
        with self.site.app.app_context():
            unit = Scope(units=frozenset({self.site.windows[0].unit_id}))
            periods = [closing.name for closing in released.closings(db.session(), unit)]
        for period in periods:
            self.period(period)
        for period in periods[:1]:
            for subject in SUBJECTS:
                said = self.ranking(subject, period)
                self.files(subject, said)
                self.pages(f"/rankings/{subject}", said)
                for more in ({"hall": "C"}, {"department": "TAX"}):
                    assert self.ranking(subject, period, **more)["total"] == said["total"]

    def period(self, period: str) -> None:
        """What is said of windows one by one; every other figure is a sum of these and tells no more."""
        by_window = self.ranking("windows", period)
        self.told.note(Figure(period, "", "total"), levels_of(by_window["total"]))
        assert counted(by_window["rows"]) == levels_of(by_window["total"])
        assert levels_of(self.ranking("departments", period)["total"]) == levels_of(by_window["total"])
        for name in CHANNEL_WORDS:
            of_channel = self.ranking("windows", period, channel=name)["rows"]
            for row in of_channel:
                self.told.note(Figure(period, row["code"], name), Levels(row["n"]))
            of_unit = self.ranking("departments", period, channel=name)["total"]
            assert counted(of_channel) == levels_of(of_unit)
        one_by_one = [self.ranking("staff", period, window=row["code"]) for row in by_window["rows"]]
        by_clerk = self.ranking("staff", period)
        for row in rows_of(by_clerk):
            parts = [part for said in one_by_one for part in rows_of(said) if part["code"] == row["code"]]
            assert counted(parts) == levels_of(row)
        assert counted(rows_of(by_clerk)) == levels_of(by_window["total"])
        self.console(period)

    def files(self, subject: str, said: Mapping[str, Any]) -> None:
        """A file says what the JSON says."""
        client = self.site.signed["clerk"]
        days = f"from={said['from']}&to={said['to']}"
        rows = csv.DictReader(
            io.StringIO(client.get(f"/rankings/{subject}.csv?{days}").text.lstrip("\ufeff"))
        )
        book = load_workbook(io.BytesIO(client.get(f"/rankings/{subject}.xlsx?{days}").data), read_only=True)
        head, *lines = book.worksheets[0].iter_rows(values_only=True)
        there = [row["n"] for row in rows_of(said)]
        assert [int(row["n"]) for row in rows] == there
        assert [line[head.index("n")] for line in lines] == there
        drawn = client.get(f"/rankings/{subject}/figure?{days}").get_data(as_text=True)
        assert {int(n) for n in re.findall(r"n ?= ?(\d+)", drawn)} <= set(there)

    def pages(self, address: str, said: Mapping[str, Any]) -> None:
        """A page says no count the JSON does not say, to whichever role."""
        days = f"from={said['from']}&to={said['to']}"
        for client in self.site.signed.values():
            page = client.get(f"{address}?{days}").get_data(as_text=True)
            assert figures_in(page) <= numbers_of(said), address

    def console(self, period: str) -> None:
        page = self.site.signed["department-lead"].get(f"/console?period={period}").get_data(as_text=True)
        _above, _title, tags = page.partition("原因指向哪里</h2>")
        for nth, n in enumerate(figures_in(tags)):
            self.told.note(Figure(period, "", f"tags {nth}"), Levels(n))
        weeks = self.site.signed["clerk"].get("/console/trend").get_json()
        assert weeks["data"]


def figures_in(page: str) -> set[int]:
    """The whole numbers in a page's cells of figures; the version of a formula counts nothing."""
    cells = re.findall(r'<td class="figures?(?![^>]*版本)[^>]*>([^<]*)<', page)
    return {int(cell.replace(",", "")) for cell in cells if re.fullmatch(r"[\d,]+", cell.strip())}


def numbers_of(said: object) -> set[int]:
    """Every whole number in a JSON answer."""
    if isinstance(said, Mapping):
        return set().union(*map(numbers_of, said.values()))
    if isinstance(said, list):
        return set().union(*map(numbers_of, said))
    return {said} if isinstance(said, int) else set()


class Public:
    """Asks everything anybody can ask."""

    def __init__(self, site: Site, told: Told) -> None:
        self.site, self.told, self.client = site, told, site.anybody()

    def ask(self) -> None:
        """The display on the wall, and every bulletin there is."""
        for public_id in self.site.publish():
            self.bulletin(self.client.get(f"/bulletins/{public_id}.json").get_json())
            assert self.client.get(f"/bulletins/{public_id}").status_code == 200
        self.display(self.client.get(f"/board/{self.site.board}").get_data(as_text=True))

    def bulletin(self, said: Mapping[str, Any]) -> None:
        period, place = said["period"]["name"], said["place"]["code"]
        for row in said["windows"]:
            self.told.note(Figure(period, row["code"]), levels_of(row))
        for row in said["corrections"]:
            for n in (row["was"], row["now"]):
                self.told.note(Figure(row["period"], row["code"]), Levels(n))
        self.told.note(Figure(period, "", f"total {place}"), levels_of(said["total"]))
        assert said["total"]["n"] == sum(row["n"] for row in said["windows"])
        volumes = said["volumes"]
        for n in numbers_of([{**volumes, "services": 0}]):
            assert n % PUBLIC == 0, "a live count stands in whole tens"

    def display(self, page: str) -> None:
        if found := re.search(r"<p>(\d+)年第(\d+)周", page):
            period = f"{found[1]}-W{int(found[2]):02}"
        elif found := re.search(r"<p>(\d+)年(\d+)月", page):
            period = f"{found[1]}-{int(found[2]):02}"
        else:
            return
        (n,) = re.findall(r'<p class="big">([\d,]+) <span', page)
        self.told.note(Figure(period, "", "total "), Levels(int(n)))
        for name, of_it in re.findall(r'<th scope="row">([^<]+)</th>.*?n=(\d+)', page, re.DOTALL):
            # The second department has one window, so its figure is that window's.
            figure = Figure(period, "C-3") if name == "社保局" else Figure(period, "", name)
            self.told.note(figure, Levels(int(of_it)))
