"""The weekly digest: what leaders and supervisors read of the week that ended, in plain lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from evalsys.dashboards.rules import finding
from evalsys.dashboards.rules.sentences import findings
from evalsys.kernel.periods import Closing
from evalsys.kernel.words import N_
from evalsys.scoring.rules.ranking import Ranking

NOTICE = N_("{year}年第{week}周摘要:群众评价{n}条,差评{bad}条,超期未办结{overdue}件。")


@dataclass(frozen=True)
class Digest:
    """What is told of a week: the live figures of the departments, and how many cases are overdue by unit."""

    closing: Closing
    departments: Ranking
    overdue: Sequence[tuple[str, int]]

    @property
    def values(self) -> dict[str, object]:
        """What goes into the notice."""
        return {
            "year": self.closing.year,
            "week": self.closing.number,
            "n": self.departments.total.n,
            "bad": self.departments.total.bad.numerator,
            "overdue": sum(n for _unit, n in self.overdue),
        }

    @property
    def subject(self) -> str:
        """The mail's subject."""
        return f"政务服务好差评 {self.closing.year}年第{self.closing.number}周摘要"

    @property
    def body(self) -> str:
        """The mail: a sentence a line, no person and no words of a rating."""
        total, period = self.departments.total, self.closing.period
        return "\n".join(
            (
                f"{period.first}至{period.last}",
                *map(str, findings(total, finding(self.departments)) if total.n else ["本周没有评价。"]),
                f"暂缓计入{self.departments.held or 0}条,不予采纳{self.departments.excluded or 0}条。",
                *(f"超期未办结:{unit}{n}件。" for unit, n in self.overdue),
                *([] if self.overdue else ["没有超期未办结的差评和工单。"]),
                "数据截至发出时;未评不折算为满意。",
            )
        )
