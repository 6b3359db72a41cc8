"""What a report to the 办不成事 desk is: its types, its words, who works at the desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from evalsys.kernel.access import Permission
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_
from evalsys.rectification.rules.citizens import GivenContact

# Never the rated side: what is reported is often about a window's own people.
WORK_REPORTS = Permission("work-reports", frozenset({"helper", "supervisor", "dispatcher"}))

REPORT_LIMIT = 500  # code points
MATTER_LIMIT = 60  # code points of what somebody came for
RECEIPT_LENGTH = 12

# A flood would bury the reports of people. A hall shares one address, so that one device is never judged by
# the address alone, and the bound of the hall lies far above what its people bring.
JUST_NOW = timedelta(minutes=10)
MOST_OF_A_DEVICE = 5
MOST_OF_A_HALL = 60


class ReportType(StrEnum):
    """Why something could not be done."""

    REFUSED = "refused"
    LATE = "late"
    GUIDE = "guide"
    BETWEEN_UNITS = "between-units"
    SYSTEM = "system"
    NO = "no"
    NO_BASIS = "no-basis"


TYPE_WORDS: Mapping[ReportType, str] = {
    ReportType.REFUSED: N_("材料齐了不给办"),
    ReportType.LATE: N_("说好的时间过了没办"),
    ReportType.GUIDE: N_("办事指南和窗口说的不一样"),
    ReportType.BETWEEN_UNITS: N_("几个部门推来推去,或历史遗留"),
    ReportType.SYSTEM: N_("系统出问题办不了"),
    ReportType.NO: N_("窗口只说“不行”"),
    ReportType.NO_BASIS: N_("要的材料没有依据"),
}
# Ready at once, in five working days, or in ten by several units together: the desk says which.
REPORT_PROFILES = ("not-done-now", "not-done-5", "not-done-10")
UNTIL_TRIAGED = "not-done-5"


@dataclass(frozen=True)
class NewReport:
    """A report as somebody made it; `key` stands for its form, so that a double tap is one report."""

    type: ReportType
    text: str
    hall_id: int
    key: str
    window_id: int | None = None
    matter: str = ""
    contact: GivenContact | None = None


class TooManyReports(Refused):
    """More reports came from the public page than people make; nothing was saved."""

    status = 429


def check_came(of_device: int, of_hall: int) -> None:
    """Refuse another report of a device or a hall from which MOST came JUST_NOW."""
    if of_device >= MOST_OF_A_DEVICE:
        raise TooManyReports("这台设备刚才已经反映了{n}件。请过10分钟再交,您写的还在。", n=of_device)
    if of_hall >= MOST_OF_A_HALL:
        raise TooManyReports("现在反映的人太多。请过10分钟再交,或直接到“办不成事”窗口。您写的还在。")
