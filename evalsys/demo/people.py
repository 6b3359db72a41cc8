"""The demo hall's staff: made-up names, drawn from common surnames and given-name characters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from evalsys.demo.hall import DEPARTMENTS, LEADER, Counter, Department

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡"
    "余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯"
    "龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
SINGLE = "伟芳娜敏静丽强磊军洋勇艳杰涛明超霞平刚玲英斌辉婷雪倩欣莉浩宁琳瑶鹏飞颖悦佳凯"
FIRST = "志国建文永春海晓思雨子佳梦雅丽秀玉俊明嘉振宏天立小一慧诗若家浩泽景云书欣彦婉"
SECOND = "华平军红伟明芳霞英杰峰波鹏飞龙辉林娟萍燕琴洁慧琳颖婷怡涵轩宇然晨博豪阳彤妍瑶宁"

PARTY_POSTS = 3
LEADERS = 12
TWO_SHIFT_WINDOWS = 62

_SHORT_NAMES = 0.2

CLERK, RELIEF, LEADING = "clerk", "relief", "leader"


@dataclass(frozen=True)
class Person:
    """A member of staff of the demo: number, made-up name, department, part in the rota, 党员示范岗."""

    staff_no: str
    name: str
    department: str
    part: str
    party_post: bool


@dataclass(frozen=True)
class Crew:
    """Who regularly sits at a window: one clerk, or two who share the day."""

    window: str
    clerks: tuple[str, ...]


@dataclass(frozen=True)
class Staffing:
    """All staff and the regular crews of the windows (leader windows have none: they go round)."""

    people: tuple[Person, ...]
    crews: tuple[Crew, ...]

    def of_part(self, part: str) -> list[Person]:
        """The people of one part in the rota."""
        return [person for person in self.people if person.part == part]


def staffing(windows: Sequence[Counter], seed: int) -> Staffing:
    """Draw the staff of the hall and seat them; the same seed draws the same people."""
    chance = Random(f"{seed}:people")
    names = _names(chance)
    seated = [counter for counter in windows if counter.kind != LEADER]
    shared = set(chance.sample([counter.number for counter in seated], TWO_SHIFT_WINDOWS))
    people: list[Person] = []
    crews: list[Crew] = []
    for department in DEPARTMENTS:
        roll = _roll(department, names)
        for counter in (c for c in seated if c.department == department.code):
            clerks = [next(roll) for _ in range(2 if counter.number in shared else 1)]
            people += [Person(no, name, department.code, CLERK, party_post=False) for no, name in clerks]
            crews.append(Crew(counter.number, tuple(no for no, _ in clerks)))
        for part, number in ((RELIEF, department.relief), (LEADING, _leaders(department))):
            people += [
                Person(*next(roll), department=department.code, part=part, party_post=False)
                for _ in range(number)
            ]
    return Staffing(tuple(_with_party_posts(people, chance)), tuple(crews))


def _names(chance: Random) -> Iterator[str]:
    used: set[str] = set()
    while True:
        short = chance.random() < _SHORT_NAMES
        given = chance.choice(SINGLE) if short else chance.choice(FIRST) + chance.choice(SECOND)
        name = chance.choice(SURNAMES) + given
        if name not in used:
            used.add(name)
            yield name


def _roll(department: Department, names: Iterator[str]) -> Iterator[tuple[str, str]]:
    place = 0
    while True:
        place += 1
        yield f"{department.code}{place:03d}", next(names)


def _leaders(department: Department) -> int:
    others = len(DEPARTMENTS) - 1
    return LEADERS - others if department is DEPARTMENTS[0] else 1


def _with_party_posts(people: list[Person], chance: Random) -> list[Person]:
    chosen = set(chance.sample([p.staff_no for p in people if p.part == CLERK], PARTY_POSTS))
    return [Person(p.staff_no, p.name, p.department, p.part, party_post=p.staff_no in chosen) for p in people]
