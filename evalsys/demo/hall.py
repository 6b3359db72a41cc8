"""The demo hall's shape: seven departments in three zones, 210 windows, and five units without windows."""

from dataclasses import dataclass

from evalsys.demo.catalogue import approval, labour, livelihood, police, tax
from evalsys.demo.catalogue.families import Family

HALL_CODE = "ZX"
HALL_NAME = "演示县政务服务中心"
HALL_ADDRESS = "演示县政务路1号"

GENERAL, SPECIAL, LEADER, STUCK, ENTERPRISE = "综合", "专窗", "领导带班", "办不成事", "涉企"

# The stuck-matter window bears the number that the posters and receipts of the hall name.
STUCK_PLACE = 11

_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
# A region number that belongs to no county: nothing here names a real body.
_REGION = "999901"


@dataclass(frozen=True)
class Desk:
    """Windows that do the same kind of work; `traffic` is a window's share of visitors, 1.0 being usual."""

    name: str
    windows: int
    traffic: float = 1.0


@dataclass(frozen=True)
class Department:
    """A department with windows: where it sits, how it is compared, what it does."""

    code: str
    name: str
    short_name: str
    group: str
    zone: str
    desks: tuple[Desk, ...]
    enterprise: int
    relief: int
    families: tuple[Family, ...]


@dataclass(frozen=True)
class Counter:
    """A window of the demo hall, by its public number."""

    number: str
    zone: str
    department: str
    kind: str
    desk: str
    traffic: float


@dataclass(frozen=True)
class Office:
    """A unit without windows."""

    code: str
    name: str
    short_name: str
    kind: str


DEPARTMENTS = (
    Department(
        "SP",
        "行政审批服务局",
        "行政审批",
        "企业与建设",
        "A区",
        (
            Desk("企业登记", 16, 1.3),
            Desk("食品药品", 8),
            Desk("特种设备", 4, 0.6),
            Desk("道路运输", 8),
            Desk("卫生健康", 5, 0.8),
            Desk("农林水利", 4, 0.5),
            Desk("建设工程", 6, 0.6),
            Desk("社会事务", 5, 0.7),
        ),
        enterprise=2,
        relief=8,
        families=approval.FAMILIES,
    ),
    Department(
        "SW",
        "税务局",
        "税务",
        "企业与建设",
        "B区",
        (
            Desk("登记发票", 12, 1.2),
            Desk("申报征收", 12, 1.1),
            Desk("社保缴费", 6, 1.2),
            Desk("清税证明", 6, 0.8),
        ),
        enterprise=1,
        relief=6,
        families=tax.FAMILIES,
    ),
    Department(
        "RS",
        "人力资源和社会保障局",
        "人社",
        "民生服务",
        "C区",
        (
            Desk("社会保险", 14, 1.2),
            Desk("养老待遇", 6, 1.1),
            Desk("就业创业", 7, 0.8),
            Desk("社保卡", 5, 1.5),
        ),
        enterprise=1,
        relief=6,
        families=labour.FAMILIES,
    ),
    Department(
        "GA",
        "公安局",
        "公安",
        "民生服务",
        "C区",
        (Desk("户籍", 10, 1.3), Desk("出入境", 7), Desk("车驾管", 8, 1.1), Desk("治安管理", 2, 0.6)),
        enterprise=0,
        relief=5,
        families=police.FAMILIES,
    ),
    Department(
        "YB",
        "医疗保障局",
        "医保",
        "民生服务",
        "C区",
        (Desk("参保登记", 8, 1.1), Desk("异地备案", 4, 0.9), Desk("报销待遇", 7, 1.2)),
        enterprise=0,
        relief=4,
        families=livelihood.MEDICAL,
    ),
    Department(
        "GJ",
        "住房公积金管理中心",
        "公积金",
        "住房与不动产",
        "B区",
        (Desk("公积金提取", 6, 1.2), Desk("公积金缴存", 4, 0.8), Desk("公积金贷款", 3, 0.7)),
        enterprise=0,
        relief=3,
        families=livelihood.FUND,
    ),
    Department(
        "BD",
        "自然资源和规划局(不动产登记)",
        "不动产登记",
        "住房与不动产",
        "B区",
        (Desk("不动产登记", 8, 1.2), Desk("抵押与预告", 3), Desk("档案查询", 2, 1.1)),
        enterprise=0,
        relief=4,
        families=livelihood.ESTATE,
    ),
)

OFFICES = (
    Office("RX", "县12345热线中心", "热线中心", "热线"),
    Office("DC", "政务服务督查科", "督查科", "监督"),
    Office("HF", "回访中心", "回访中心", "回访"),
    Office("ZL", "社会治理服务中心", "社会治理", "承办"),
    Office("JJ", "纪检监察组", "纪检监察组", "监督"),
)


def credit_code(body: str) -> str:
    """A unified social credit code: 17 signs and their check sign (GB 32100-2015)."""
    remainder = sum(_DIGITS.index(sign) * weight for sign, weight in zip(body, _WEIGHTS, strict=True)) % 31
    return body + _DIGITS[(31 - remainder) % 31]


def unit_credit_code(place: int) -> str:
    """The credit code of the n-th unit of the demo, in a region that does not exist."""
    return credit_code(f"11{_REGION}{place:09d}")


def counters() -> list[Counter]:
    """All windows in the order of their numbers, each zone counted from 01."""
    found: list[Counter] = []
    for department in DEPARTMENTS:
        taken = sum(1 for counter in found if counter.zone == department.zone)
        for place, (kind, desk, traffic) in enumerate(_plan(department), start=taken + 1):
            number = f"{department.zone[0]}{place:02d}"
            found.append(Counter(number, department.zone, department.code, kind, desk, traffic))
    return sorted(found, key=lambda counter: counter.number)


def _plan(department: Department) -> list[tuple[str, str, float]]:
    runs_the_hall = department is DEPARTMENTS[0]
    plan = [(GENERAL, "", 1.2), *[(ENTERPRISE, "", 0.9)] * department.enterprise]
    if runs_the_hall:
        plan += [(LEADER, "", 0.15)] * 2
    plan += [(SPECIAL, desk.name, desk.traffic) for desk in department.desks for _ in range(desk.windows)]
    if runs_the_hall:
        plan.insert(STUCK_PLACE, (STUCK, "", 0.2))
    return plan
