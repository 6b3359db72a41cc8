"""What people type to sign in, and what a system administrator types about accounts."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from evalsys.identity.rules import ROLES
from evalsys.kernel.language import lazy_gettext as _


class SignInForm(FlaskForm):
    """Name and password."""

    name = StringField(_("账号"), [InputRequired(_("请填账号。")), Length(max=60)])
    password = PasswordField(_("密码"), [InputRequired(_("请填密码。")), Length(max=128)])


class PasswordForm(FlaskForm):
    """The old password once, the new one twice."""

    old = PasswordField(_("原密码"), [InputRequired(_("请填原密码。")), Length(max=128)])
    new = PasswordField(_("新密码"), [InputRequired(_("请填新密码。")), Length(max=128)])
    again = PasswordField(_("再输一遍新密码"), [InputRequired(_("请再输一遍新密码。")), Length(max=128)])

    def validate_again(self, field: PasswordField) -> None:
        """Refuse two different new passwords."""
        if field.data != self.new.data:
            field.errors = [*field.errors, _("两遍新密码不一样。请重新输入。")]


class CodeForm(FlaskForm):
    """A code from the telephone, or from the paper kept for its loss."""

    code = StringField(_("动态码或备用码"), [InputRequired(_("请填动态码。")), Length(max=40)])


class EnrolForm(FlaskForm):
    """The first code of a new telephone, and the password once more."""

    code = StringField(_("手机上显示的6位动态码"), [InputRequired(_("请填动态码。")), Length(max=40)])
    password = PasswordField(_("密码"), [InputRequired(_("请填密码。")), Length(max=128)])


class CheckboxesField(SelectMultipleField):
    """Several choices, each with a box of its own."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class AccountForm(FlaskForm):
    """A new account."""

    name = StringField(
        _("账号"),
        [
            InputRequired(_("请填账号。")),
            Length(3, 60, _("账号要3到60个字符。")),
            Regexp(r"^[A-Za-z0-9._-]+$", message=_("账号只能用字母、数字、点、横线和下划线。")),
        ],
        filters=[lambda text: (text or "").strip()],
    )
    display_name = StringField(_("姓名"), [InputRequired(_("请填姓名。")), Length(max=60)])
    unit = SelectField(_("单位"), coerce=int)
    roles = CheckboxesField(_("角色"))

    def offer(self, units: dict[int, str]) -> None:
        """Fill in the units and roles to choose from; nothing is chosen beforehand but the first unit."""
        self.unit.choices = [SelectChoice(unit_id, name) for unit_id, name in units.items()]
        self.roles.choices = role_choices()


class RolesForm(FlaskForm):
    """The roles of an account."""

    roles = CheckboxesField(_("角色"))


class TokenForm(FlaskForm):
    """A new bearer token."""

    label = StringField(_("用途"), [InputRequired(_("请写明用在哪个系统。")), Length(max=60)])


class PlainForm(FlaskForm):
    """A step that needs nothing but the will to take it."""


def role_choices() -> list[SelectChoice]:
    """Every role with its words."""
    return [SelectChoice(role, _(words)) for role, words in ROLES.items()]
