"""What people say about the organisation: a file, a day, a name, a shift."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileRequired, MultipleFileField
from wtforms import DateField, RadioField, SelectField, StringField, TimeField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, StopValidation

from evalsys.kernel import clock
from evalsys.kernel.language import gettext
from evalsys.kernel.language import lazy_gettext as _
from evalsys.kernel.sheets import cells
from evalsys.kernel.sheets.cells import Unreadable
from evalsys.organisation import rules
from evalsys.organisation.queries.rota import Person, Shift
from evalsys.worktime import cells as hours


class DayField(DateField):
    """A day, however it is written; a day that cannot be read says how to write it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day as a cell of a spreadsheet is read."""
        self.data = _read(cells.day, valuelist)


class HourField(TimeField):
    """A time of day, however it is written."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the hour as a cell of a spreadsheet is read."""
        self.data = _read(cells.hour, valuelist)


def _read(read: Callable[[cells.Cell], Any], valuelist: list[str]) -> Any:
    if not valuelist or not valuelist[0].strip():
        return None
    try:
        return read(valuelist[0])
    except Unreadable as why:
        raise ValueError(str(why)) from why


class ImportForm(FlaskForm):
    """The files of one import."""

    files = MultipleFileField(
        _("文件"),
        [FileRequired(_("请选择要导入的文件。"))],
        description=_("xlsx、xls,或几个csv(文件名就是工作表名)。一次可选多个,合起来不超过20MB。"),
    )

    def contents(self) -> list[tuple[str, bytes]]:
        """Name and content of every file."""
        return [(file.filename, file.read()) for file in self.files.data if file.filename]


class ClosingForm(FlaskForm):
    """From when a window is not used."""

    day = DayField(_("从哪天起停用"), [InputRequired(_("请填从哪天起停用。"))])


class ReopeningForm(FlaskForm):
    """From when a window is used again."""

    day = DayField(_("从哪天起启用"), [InputRequired(_("请填从哪天起启用。"))])


class MovingForm(FlaskForm):
    """To which department a window goes, and when."""

    unit = SelectField(_("调到哪个部门"), coerce=int)
    day = DayField(_("从哪天起"), [InputRequired(_("请填从哪天起。"))])

    def offer(self, units: Mapping[int, str]) -> None:
        """Fill in the departments to choose from."""
        self.unit.choices = [SelectChoice(unit_id, name) for unit_id, name in units.items()]


class NamingForm(FlaskForm):
    """A department's new name, and from when it holds."""

    name = StringField(_("新名称"), [InputRequired(_("请填新名称。")), Length(max=200)])
    short_name = StringField(_("新简称"), [Length(max=60, message=_("简称最多60个字。"))])
    day = DayField(_("从哪天起"), [InputRequired(_("请填从哪天起。"))])

    def validate_name(self, field: StringField) -> None:
        """Refuse what a spreadsheet would take for a formula, as an import does."""
        _check_words(field)

    def validate_short_name(self, field: StringField) -> None:
        """The same of the short name."""
        _check_words(field)


def _check_words(field: StringField) -> None:
    try:
        field.data = cells.text(field.data)
    except Unreadable as why:
        raise StopValidation(str(why)) from why


class ShiftForm(FlaskForm):
    """A shift to add to the rota."""

    staff = SelectField(_("谁来"), coerce=int)
    day = DayField(_("日期"), [InputRequired(_("请填日期。"))])
    starts = HourField(_("开始"), [InputRequired(_("请填开始时间。"))])
    ends = HourField(_("结束"), [InputRequired(_("请填结束时间。"))])
    kind = SelectField(_("类型"))

    def offer(self, people: Iterable[Person]) -> None:
        """Fill in who and what there is to choose from."""
        self.staff.choices = [SelectChoice(p.staff_id, f"{p.name}({p.staff_no})") for p in people]
        self.kind.choices = [
            SelectChoice(kind.value, gettext(word)) for kind, word in rules.DUTY_WORDS.items()
        ]

    def validate_ends(self, field: HourField) -> None:
        """Refuse a shift that ends before it begins."""
        if field.data and self.starts.data and field.data <= self.starts.data:
            raise StopValidation(gettext("结束要晚于开始。"))

    def shift(self, window_id: int) -> rules.NewShift:
        """The shift that was asked for."""
        return rules.NewShift(
            window_id,
            self.staff.data,
            _instant(self.day.data, self.starts.data),
            _instant(self.day.data, self.ends.data),
            self.kind.data,
        )


def _instant(day: date, hour: time) -> datetime:
    return clock.end_of(day) if hour == cells.END_OF_DAY else clock.at(day, hour)


class GivingForm(FlaskForm):
    """How somebody else does a shift: alone, or in exchange for a shift of their own."""

    to = RadioField(_("怎么换"), [InputRequired(_("请选怎么换。"))])

    def offer(self, person: Person, shifts: Iterable[Shift]) -> None:
        """Fill in what the person may do: the shift alone, or one of theirs in exchange."""
        alone = gettext("%(name)s顶这个班,不换回", name=person.name)
        self.to.choices = [SelectChoice(f"staff:{person.staff_id}", alone)]
        self.to.choices += [SelectChoice(f"duty:{shift.duty_id}", _swap_words(shift)) for shift in shifts]

    def choice(self) -> tuple[str, int]:
        """What was chosen: 'staff' or 'duty', and its id."""
        kind, _colon, number = self.to.data.partition(":")
        return kind, int(number)


def _swap_words(shift: Shift) -> str:
    return gettext(
        "和%(name)s互换:%(day)s %(hours)s %(number)s号窗口",
        name=shift.name,
        day=shift.day,
        hours=shift.hours,
        number=shift.number,
    )


class HallHoursForm(FlaskForm):
    """When a hall is open, one line for each weekday; an empty one is closed."""

    monday = StringField(_("周一"))
    tuesday = StringField(_("周二"))
    wednesday = StringField(_("周三"))
    thursday = StringField(_("周四"))
    friday = StringField(_("周五"))
    saturday = StringField(_("周六"))
    sunday = StringField(_("周日"))

    def days(self) -> list[StringField]:
        """The seven lines, Monday first."""
        return [
            *(self.monday, self.tuesday, self.wednesday, self.thursday, self.friday),
            *(self.saturday, self.sunday),
        ]

    def show(self, week: Mapping[int, Iterable[hours.Stretch]]) -> None:
        """Fill in the hours that stand, by weekday from 0."""
        for weekday, field in enumerate(self.days()):
            field.data = hours.words_of_stretches(week.get(weekday, ()))

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Refuse what is no stretch of a day, each beside its line."""
        is_valid = bool(super().validate(extra_validators))
        for field in self.days():
            try:
                hours.stretches_in(field.data or "")
            except Unreadable as why:
                field.errors = [*field.errors, f"{field.label.text}:{why}。"]
                is_valid = False
        return is_valid

    def week(self) -> dict[int, tuple[hours.Stretch, ...]]:
        """The hours that were written, by weekday from 0."""
        written = {n: hours.stretches_in(field.data or "") for n, field in enumerate(self.days())}
        return {weekday: stretches for weekday, stretches in written.items() if stretches}
