"""What the pages of signals and of the standing desk call windows, ratings and people."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from evalsys.assurance.rules.journal import OBJECT_WORDS
from evalsys.assurance.views.blueprint import bp
from evalsys.evaluation.queries.standings import Stands
from evalsys.evaluation.rules import LEVEL_BY_VALUE, STANDING_WORDS
from evalsys.identity.queries import accounts
from evalsys.kernel import clock
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.masking import masked
from evalsys.organisation.queries import directory
from evalsys.organisation.queries.directory import WindowThen

_HASH = re.compile(r"[0-9a-f]{40,}")  # its beginning is enough to tell it from another


def windows() -> Mapping[int, WindowThen]:
    """Every window by its id, as it is called today."""
    return directory.windows_on(db.session(), clock.today())


def names(account_ids: Iterable[int | None]) -> dict[int, str]:
    """What the people of some accounts are called."""
    wanted = sorted({account_id for account_id in account_ids if account_id is not None})
    return {account.id: account.display_name for account in accounts.accounts_by_id(db.session(), wanted)}


def object_words(about: str) -> str:
    """What an entry of the journal is about, in the hall's words."""
    kind, _blank, name = about.partition(" ")
    return _(OBJECT_WORDS[kind], name=name) if name and kind in OBJECT_WORDS else about or "—"


@bp.app_template_filter("spelled_out")
def spelled_out(details: str) -> str:
    """The details of an entry of the journal as they were kept, without JSON's signs and what is empty."""
    said = json.loads(details)
    return " · ".join(f"{name}={_plain(value)}" for name, value in said.items() if value is not None)


def _plain(value: object) -> str:
    said = "、".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"{said[:16]}…" if _HASH.fullmatch(said) else said


@bp.app_template_filter("without_numbers")
def without_numbers(text: str) -> str:
    """What somebody wrote, with the numbers that lead to a person masked."""
    return masked(text)


@bp.app_template_filter("hall_seconds")
def hall_seconds(instant: datetime) -> str:
    """An instant as the auditor reads it: to the second, on the hall's clock."""
    return f"{clock.local(instant):%Y-%m-%d %H:%M:%S}"


def rating_words(rating: Stands, places: Mapping[int, WindowThen]) -> str:
    """A rating in one line: its day to the half, its window, its level, and how it stands."""
    half_day = _("上午") if rating.half_day == "am" else _("下午")
    place = places[rating.window_id].code if rating.window_id in places else ""
    words = [f"{rating.day} {half_day}", place, _(LEVEL_BY_VALUE[rating.level].words)]
    # Enough for two people to know which of several they are speaking of.
    words.append(_("尾号%(digits)s", digits=f"{rating.root % 10_000:04}"))
    if rating.standing != "counted":
        words.append(_(STANDING_WORDS[rating.standing]))
    return " · ".join(words)
