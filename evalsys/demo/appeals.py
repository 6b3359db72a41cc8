"""The demo's appeals: the rated department files some, two reviewers of other units say what they find."""

import importlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.demo.accounts import SECOND_REVIEWER
from evalsys.demo.hands import Act, Hands
from evalsys.kernel import clock, files
from evalsys.rectification.actions.appeals import file_appeal, review_appeal
from evalsys.rectification.queries import appeals
from evalsys.rectification.queries.waiting import Waiting
from evalsys.rectification.rules.appeals import AppealState, Filing, Ground, Verdict

_MORNING, _FILED_AFTER = time(10), timedelta(minutes=20)
_REVIEWERS = ("appeal-reviewer", SECOND_REVIEWER)
_NAME = "叫号记录.png"


@dataclass(frozen=True)
class Course:
    """What an appeal rests on, and what each reviewer says; those who say nothing yet are left out."""

    ground: Ground
    evidence: str
    verdicts: tuple[Verdict, ...]


_FALSE = Course(Ground.FALSE, "叫号记录里这半天没有这样一件事", ())
_REPEATED = "叫号记录显示是同一次服务,几分钟内评了两次"
# The latest first: what was filed a moment ago waits, the others were decided.
COURSES = (
    Course(Ground.REPEATED, _REPEATED, ()),
    Course(_FALSE.ground, _FALSE.evidence, (Verdict(False, "记录只到午间,说明不了下午"),)),
    Course(
        Ground.REPEATED,
        _REPEATED,
        (Verdict(True, "与叫号记录一致"), Verdict(True, "两条是同一次服务")),
    ),
    Course(
        Ground.FALSE,
        "态度一直很好,不应该得低分",
        (Verdict(False, "评分低不算虚假"), Verdict(False, "没有材料说明事情没有发生")),
    ),
    Course(
        Ground.NOT_A_SERVICE,
        "说的是停车场收费,不是窗口办的事",
        (Verdict(True, "内容与窗口服务无关"), Verdict(True, "停车场由物业管理")),
    ),
    Course(
        Ground.NOT_THIS_WINDOW,
        "这件事应该是隔壁窗口办的",
        (Verdict(True, "办件记录可以对上"), Verdict(False, "排班和办件记录都是本窗口")),
    ),
)


def appealed(
    session: Session, hands: Hands, cases: Sequence[Waiting], now: datetime
) -> Mapping[int, Sequence[Act]]:
    """What happens by appeals to some of the cases of the department whose account may file, by case."""
    by = hands.of("window-manager", 0)
    ours = [case for case in cases if case.unit_id == by.unit_id and not case.says_nothing]
    found: dict[int, Sequence[Act]] = {}
    for case in reversed(ours):
        filed_at = _when(session, case, now)
        if len(found) == len(COURSES):
            break
        if filed_at is not None:
            evidence = _evidence(session, by.account_id)
            found[case.case_id] = tuple(_acts(hands, case, COURSES[len(found)], filed_at, evidence))
    return found


def _when(session: Session, case: Waiting, now: datetime) -> datetime | None:
    """The first morning on which the rated side may appeal; None where that is still to come."""
    (rated, *_) = [one.rated for one in appeals.ratings_of(session, case.case_id)]
    at = clock.at(rated.visible_from, _MORNING) + _FILED_AFTER
    return at if rated.counts and at <= now else None


def _acts(hands: Hands, case: Waiting, course: Course, filed_at: datetime, evidence: str) -> Iterator[Act]:
    filed: list[int] = []

    def file(connection: Connection) -> bool:
        (one, *_) = appeals.ratings_of(connection, case.case_id)
        filing = Filing(course.ground, course.evidence, ((evidence, _NAME),))
        by = hands.of("window-manager", 0)
        filed.append(file_appeal(connection, case.case_id, one.rated.root, by, filing, now=filed_at))
        return True

    yield Act(filed_at, file)
    for place, verdict in enumerate(course.verdicts):
        at = filed_at + (place + 1) * timedelta(hours=2)
        yield Act(at, _reviewing(hands, filed, _REVIEWERS[place], verdict, at))


def _reviewing(
    hands: Hands, filed: Sequence[int], name: str, verdict: Verdict, at: datetime
) -> Callable[[Connection], bool]:
    def review(connection: Connection) -> bool:
        state = review_appeal(connection, filed[0], hands.named(name), verdict, now=at)
        return state is not AppealState.UPHELD

    return review


def _evidence(session: Session, by: int) -> str:
    """A picture of a screen of ticket calls, kept like any file that is handed in; its SHA-256."""
    # Loaded here alone: every command loads this module, and so does a server.
    image, drawing = (importlib.import_module(f"PIL.{name}") for name in ("Image", "ImageDraw"))
    picture = image.new("RGB", (640, 360), "white")
    lines = [f"A{ticket:03d}   {9 + ticket // 12:02d}:{ticket % 12 * 5:02d}" for ticket in range(6, 24)]
    drawing.Draw(picture).multiline_text((40, 20), "\n".join(lines), fill="black", spacing=6)
    drawn = io.BytesIO()
    picture.save(drawn, "PNG")
    return files.store(session, files.harmless(drawn.getvalue()), by)
