"""What the data steward says about the calendar: a year's notice, and hours."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, StopValidation

from evalsys.kernel.language import lazy_gettext as _
from evalsys.kernel.sheets import files
from evalsys.kernel.sheets.cells import Unreadable
from evalsys.kernel.sheets.files import Workbook
from evalsys.worktime import cells, workbook
from evalsys.worktime.cells import Stretch


class NoticeForm(FlaskForm):
    """A year's notice as a file, or as lines that were pasted."""

    file = FileField(
        _("文件"), description=_("xlsx、xls或csv,三列:日期、上班/休息、说明。一行可以写一天,也可以写一段。")
    )
    words = TextAreaField(_("或者粘贴在这里"), description=_("每行一天或一段,用逗号、制表符或空格分开。"))

    def validate_words(self, field: TextAreaField) -> None:
        """Ask for one of the two, not both."""
        if bool(self.file.data) == bool((field.data or "").strip()):
            raise StopValidation(str(_("请选一个文件,或者粘贴几行;只用一种。")))

    def book(self) -> Workbook:
        """What was handed in."""
        if self.file.data:
            return files.read([(self.file.data.filename, self.file.data.read())])
        return workbook.pasted(self.words.data)


class LoadingForm(FlaskForm):
    """A notice that was looked at, as lines."""

    words = HiddenField(validators=[InputRequired(_("没有收到要载入的日子。请重新选择文件。"))])


class OfficeHoursForm(FlaskForm):
    """When working-hour clocks run."""

    hours = StringField(
        _("办公时间"),
        [InputRequired(_("请填办公时间。"))],
        description=_("写成 09:00-12:00、13:30-17:30 这样,几段都可以。"),
    )

    def validate_hours(self, field: StringField) -> None:
        """Refuse what is no stretch of a day."""
        try:
            cells.stretches_in(field.data)
        except Unreadable as why:
            raise StopValidation(f"{why}。") from why

    def stretches(self) -> tuple[Stretch, ...]:
        """The hours that were written."""
        return cells.stretches_in(self.hours.data or "")
