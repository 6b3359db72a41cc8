"""Listening: every fault is a sentence, every input is kept, the end is a frozen dataclass or a word."""

from collections.abc import Mapping, Sequence
from contextlib import closing

from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import (
    DateField,
    Form,
    RadioField,
    SelectMultipleField,
    StringField,
    TimeField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from evalsys.evaluation.codes.orders import LONGEST_REASON
from evalsys.evaluation.queries.ratings import TagOffer
from evalsys.evaluation.rules import (
    CHANNEL_WORDS,
    DONE_WORDS,
    HAPPENED_WORDS,
    LEVELS,
    TEXT_LIMIT,
    Answer,
    Explanation,
    plain_text,
)
from evalsys.evaluation.rules.keys import is_key
from evalsys.kernel.files import Kept, UnfitFile, harmless
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import lazy_gettext, say
from evalsys.organisation.queries.places import Matter

NOON = 12  # o'clock
NO_LEVEL = lazy_gettext("请先选一项。")


def _half_days() -> list[SelectChoice]:
    return [SelectChoice("am", _("上午")), SelectChoice("pm", _("下午"))]


def _channels() -> list[SelectChoice]:
    return [SelectChoice(channel, _(words)) for channel, words in CHANNEL_WORDS.items()]


def _levels() -> list[SelectChoice]:
    return [SelectChoice(str(level.value), _(level.words)) for level in LEVELS]


class TagsField(SelectMultipleField):
    """Tag codes as sent; whether they fit the level is the form's question."""

    def pre_validate(self, _form: object) -> None:
        """Leave the choice to the form, which knows the level."""


class CitizenForm(Form):
    """What the rating form and the receipt's questions share: tags of one level, words, or nothing."""

    tags = TagsField(validate_choice=False)
    text = StringField()
    skip = StringField()

    def __init__(self, sent: MultiDict[str, str], offered: Sequence[TagOffer]) -> None:
        super().__init__(sent)
        self.sent = sent
        self.offered = {tag.code for tag in offered}

    def validate_tags(self, field: TagsField) -> None:
        """Refuse tags that are unknown or belong to another level."""
        if any(tag not in self.offered for tag in field.data or ()):
            raise ValidationError(_("选的原因和评价等级对不上,请重新选。"))

    def validate_text(self, field: StringField) -> None:
        """Refuse more than 150 signs, and say how many are too many."""
        n = len(plain_text(field.data or ""))
        if n > TEXT_LIMIT:
            raise ValidationError(
                _(
                    "最多%(limit)s个字,现在%(n)s个,请删掉%(over)s个。您写的还在。",
                    limit=TEXT_LIMIT,
                    n=n,
                    over=n - TEXT_LIMIT,
                )
            )
        if "\x00" in (field.data or ""):
            raise ValidationError(_("有一个看不见的字符存不下,请删掉后重写。"))

    def chosen_tags(self) -> tuple[str, ...]:
        """The tags chosen, each once, in order of their codes."""
        return tuple(sorted(set(self.tags.data or ())))

    def first_fault(self) -> str | None:
        """The first fault's sentence."""
        return next((str(faults[0]) for faults in self.errors.values() if faults), None)


class LevelForm(CitizenForm):
    """One of five levels and the page's key; tags, words and skip may come along."""

    level = StringField()
    key = StringField()

    def validate_level(self, field: StringField) -> None:
        """Refuse everything but 1 to 5: nought and blank are never a level."""
        if (field.data or "") not in _LEVEL_VALUES:
            raise ValidationError(NO_LEVEL)

    def validate_key(self, field: StringField) -> None:
        """Refuse a missing or malformed key: without it a double tap would be two ratings."""
        if not is_key(field.data or ""):
            raise ValidationError(_("这一页不完整,没有保存。请再点一次您的选择。"))

    def answer(self) -> Answer:
        """What was sent; a field that was not sent stays unknown, for the comparison with a replay."""
        return Answer(
            level=int(self.level.data or ""),
            key=self.key.data or "",
            tags=self.chosen_tags() if "tags" in self.sent else None,
            text=plain_text(self.text.data or "") if "text" in self.sent else None,
            skip=bool(self.skip.data) if "skip" in self.sent else None,
        )


_TAPPED = {"level", "key"}
_LEVEL_VALUES = {str(level.value): level.value for level in LEVELS}


def tapped(sent: MultiDict[str, str]) -> Answer | None:
    """The answer of somebody who only tapped: a level and the page's key, and nothing that needs a form.

    None for whatever else was sent, and for whatever is wrong: the form says what.
    """
    level, key = _LEVEL_VALUES.get(sent.get("level", "")), sent.get("key", "")
    if level is None or not is_key(key) or not _TAPPED.issuperset(sent):
        return None
    return Answer(level, key)


class ReasonsForm(CitizenForm):
    """The receipt's questions, each of which may stay open."""

    done = StringField()
    happened = StringField()
    item = StringField()
    efficiency = StringField()
    manner = StringField()

    def __init__(
        self, sent: MultiDict[str, str], offered: Sequence[TagOffer], matters: Sequence[Matter]
    ) -> None:
        super().__init__(sent, offered)
        self.matters = {str(matter.item_id): matter for matter in matters}

    def validate_done(self, field: StringField) -> None:
        """Refuse what is none of the three answers."""
        _refuse_unless(field.data, DONE_WORDS)

    def validate_happened(self, field: StringField) -> None:
        """Refuse what is none of the four times."""
        _refuse_unless(field.data, HAPPENED_WORDS)

    def validate_item(self, field: StringField) -> None:
        """Refuse a matter this window does not handle."""
        _refuse_unless(field.data, self.matters)

    def validate_efficiency(self, field: StringField) -> None:
        """Refuse what is none of the five words."""
        _refuse_unless(field.data, {str(level): level for level in range(1, 6)})

    def validate_manner(self, field: StringField) -> None:
        """Refuse what is none of the five words."""
        self.validate_efficiency(field)

    def explanation(self) -> Explanation:
        """The reasons given; skipping wins over nothing else having been filled in."""
        matter = self.matters.get(self.item.data or "")
        return Explanation(
            tags=self.chosen_tags(),
            text=plain_text(self.text.data or ""),
            skip=bool(self.skip.data),
            done=self.done.data or None,
            item_id=matter.item_id if matter else None,
            item_type=matter.item_type if matter else "",
            efficiency=int(self.efficiency.data) if self.efficiency.data else None,
            manner=int(self.manner.data) if self.manner.data else None,
            happened=self.happened.data or None,
        )


def _refuse_unless(given: str | None, known: Mapping[str, object]) -> None:
    if given and given not in known:
        raise ValidationError(_("请从列出的选项里选一项,或者不选。"))


class PaperForm(CitizenForm):
    """What stands on a paper form, as somebody outside the rated unit types it in."""

    serial = StringField(
        lazy_gettext("评价单编号"),
        [
            Regexp(
                r"^\s*[A-Za-z0-9-]{1,40}\s*$", message=lazy_gettext("请填评价单上印的编号:字母、数字和短横。")
            )
        ],
    )
    window = StringField(lazy_gettext("窗口号"), [InputRequired(lazy_gettext("请填窗口号。"))])
    day = DateField(lazy_gettext("办事日期"), [InputRequired(lazy_gettext("请填办事日期。"))])
    half_day = RadioField(
        lazy_gettext("上午还是下午"), [InputRequired(lazy_gettext("请选上午或下午。"))], choices=_half_days
    )
    at = TimeField(lazy_gettext("几点(单子上写了才填)"), [Optional()])
    channel = RadioField(
        lazy_gettext("单子上写的评价方式"), [InputRequired(lazy_gettext("请选评价方式。"))], choices=_channels
    )
    level = RadioField(lazy_gettext("评价等级"), [InputRequired(NO_LEVEL)], choices=_levels)
    scan = StringField(lazy_gettext("评价单的扫描件或照片"))
    kept: Kept | None = None

    def __init__(
        self, sent: MultiDict[str, str], offered: Sequence[TagOffer], scan: FileStorage | None
    ) -> None:
        super().__init__(sent, offered)
        self.file = scan

    def validate_at(self, field: TimeField) -> None:
        """Refuse an hour that is not in the half-day."""
        if field.data and (field.data.hour < NOON) != (self.half_day.data == "am"):
            raise ValidationError(_("钟点和上午、下午对不上。请对照单子再填。"))

    def validate_scan(self, _field: StringField) -> None:
        """Refuse no file, a large one, and what is neither a picture nor a PDF."""
        if self.file is None or not self.file.filename:
            raise ValidationError(_("请附上评价单的扫描件或照片。"))
        try:
            with closing(self.file):
                self.kept = harmless(self.file.read())
        except UnfitFile as refusal:
            raise ValidationError(say(refusal)) from refusal

    def answer(self) -> Answer:
        """The rating on the form."""
        return Answer(int(self.level.data or ""), "", self.chosen_tags(), plain_text(self.text.data or ""))


class RevokingForm(Form):
    """Why a code is put out of force."""

    reason = StringField(
        lazy_gettext("停用的原因"),
        [
            InputRequired(lazy_gettext("请写明停用的原因。")),
            Length(max=LONGEST_REASON, message=lazy_gettext("原因最多%(max)d个字。")),
        ],
    )
