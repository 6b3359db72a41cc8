"""The `evalsys` command: one group for each feature, and what concerns the whole site."""

import importlib
import secrets
import sys

import click

from evalsys import serving, wiring
from evalsys.app import assemble
from evalsys.identity.actions.accounts import NewAccount, create_account
from evalsys.kernel import assets, clock, settings, site
from evalsys.kernel.database import transaction
from evalsys.kernel.refusals import Refused
from evalsys.kernel.settings import SettingsFault
from evalsys.organisation.actions.founding import found_unit

# Where each command stands; it is loaded when it is asked for.
PLACES = {
    "work": "evalsys.working:work",
    "organisation": "evalsys.organisation.cli:group",
    "orders": "evalsys.desk.cli:group",
    "identity": "evalsys.identity.cli:group",
    "evaluation": "evalsys.evaluation.cli:group",
    "rectification": "evalsys.rectification.cli:group",
    "scoring": "evalsys.scoring.cli:group",
    "worktime": "evalsys.worktime.cli:group",
    "privacy": "evalsys.privacy.cli:group",
    "seal": "evalsys.assurance.cli:seal",
    "verify": "evalsys.assurance.cli:verify",
    "backup": "evalsys.assurance.cli:backup",
    "restore": "evalsys.assurance.cli:restore",
    "drill": "evalsys.assurance.cli:drill",
    "demo": "evalsys.demo.command:command",
}


class _Commands(click.Group):
    """Loads a command when it is asked for: workers are forked from `serve` and hold what it holds."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted({*super().list_commands(context), *PLACES})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of that name."""
        if name not in PLACES:
            return super().get_command(context, name)
        module, _colon, attribute = PLACES[name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=_Commands)
@click.pass_context
def main(context: click.Context) -> None:
    """好差评: rate a service window, count every rating once, rank honestly."""
    if context.invoked_subcommand == "settings" or "--help" in sys.argv:
        return
    try:
        app = assemble()
    except SettingsFault as fault:
        raise click.ClickException("settings cannot be used:\n" + "\n".join(fault.faults)) from fault
    context.with_resource(app.app_context())


@main.command("settings")
def show_settings() -> None:
    """Print the page of settings."""
    click.echo(settings.as_markdown(), nl=False)


@main.command()
def upgrade() -> None:
    """Create or upgrade the database, and put in place what every site needs."""
    lay_foundations()
    click.echo("数据库已是最新。 The database is up to date.")


def lay_foundations() -> None:
    """Bring the schema up and put in place what every site needs; nothing else makes a database."""
    # Loaded here alone: the workers are forked from `serve` and would hold it, some 12 MB, for ever.
    schema = importlib.import_module("evalsys.kernel.schema")
    try:
        schema.upgrade()
    except Refused as busy:
        raise click.ClickException(str(busy)) from busy
    with transaction() as session:
        for foundation in wiring.FOUNDATIONS:
            foundation(session)
    assets.prepare(settings.current().instance)


@main.command()
@click.option("--admin", default="admin", show_default=True, help="Account name of the first administrator.")
@click.option("--unit-code", default="GL", show_default=True, help="Code of the unit that runs the site.")
@click.option("--unit-name", default="政务服务管理机构", show_default=True, help="Name of that unit.")
def start(admin: str, unit_code: str, unit_name: str) -> None:
    """Begin a real site in an empty place; the first password stands alone on the last line."""
    lay_foundations()
    with transaction() as session:
        if site.kind(session) is not None:
            raise click.ClickException(
                "这里已经有站点或演示数据。正式站点要从空的位置开始:"
                "请换一个 EVALSYS_INSTANCE 或 EVALSYS_DATABASE_URL。"
            )
        site.declare(session, site.REAL)
        unit_id = found_unit(session, unit_code, unit_name, clock.today())
        new = NewAccount(admin, admin, unit_id, frozenset({"system-admin"}))
        password = create_account(session, new, None)
    if not settings.current().secret_key:
        click.echo(f"EVALSYS_SECRET_KEY={secrets.token_urlsafe(48)}")
        click.echo("请把上面这一行放进环境变量并妥善保管,再运行 evalsys serve。")
    click.echo(f"系统管理员账号 {admin},首次密码在下一行,第一次登录时要改。")
    click.echo(password)


main.add_command(serving.serve)
