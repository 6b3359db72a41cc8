"""READ FIRST: how the features are joined. Everything here is a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, request, url_for
from sqlalchemy.orm import Session

from evalsys.assurance import views as assurance
from evalsys.assurance.actions import seals, signals
from evalsys.assurance.rules.standing import SEE_SIGNALS
from evalsys.dashboards import api as dashboards_api
from evalsys.dashboards import views as dashboards
from evalsys.dashboards.actions import bulletins, digest, opened
from evalsys.dashboards.rules import SEE_CONSOLE, SEE_LIVE, SEE_RANKINGS
from evalsys.dashboards.rules.boards import KEEP_BOARDS
from evalsys.dashboards.rules.fixes import SEE_FIXES
from evalsys.dashboards.rules.bulletins import SEE_BULLETINS
from evalsys.desk import api as desk_api
from evalsys.desk import views as desk
from evalsys.desk.actions import categories, on_call, refusals
from evalsys.desk.queries import matters as desk_matters
from evalsys.desk.rules import TYPE_ORDERS
from evalsys.desk.rules.counts import SEE_ORDER_COUNTS
from evalsys.desk.rules.on_call import KEEP_ON_CALL
from evalsys.desk.rules.reports import WORK_REPORTS
from evalsys.desk.views import panels as desk_panels
from evalsys.evaluation import api as evaluation_api
from evalsys.evaluation import views as evaluation
from evalsys.evaluation.actions import codes, standing, tags, traces
from evalsys.evaluation.events import (
    MOVING_SERVICES,
    MOVING_SUMS,
    FollowUpRecorded,
    RatingCorrected,
    RatingExplained,
    RatingRecorded,
    RatingRepeated,
    ServiceRefused,
)
from evalsys.evaluation.rules import ASK_TO_RATE, ASSIST, ENTER_PAPER, PRINT_CODES, READ_COMMENTS
from evalsys.evaluation.views import panels, short_way
from evalsys.identity import views as identity
from evalsys.identity.actions import accounts
from evalsys.identity.rules import MANAGE_ACCOUNTS, OWN_ACCOUNT, ROLES, SEE_DEVICES
from evalsys.identity.views import blueprint as sign_in
from evalsys.integrations import openapi
from evalsys.kernel import clock, files, jobs, mail, notices, outbox, reactions, secrets, spool, webhooks
from evalsys.kernel.access import Actor, Permission, known_actor
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import gettext_of_several
from evalsys.kernel.settings import Settings
from evalsys.kernel.words import N_, NP_
from evalsys.organisation import views as organisation
from evalsys.organisation.events import StaffImported, StaffLeft, StaffMoved, WindowsImported
from evalsys.organisation.rules import EDIT_ORGANISATION, HAND_OVER, MANAGE_ROTA
from evalsys.rectification import api as rectification_api
from evalsys.rectification import views as rectification
from evalsys.rectification.actions import (
    announcing,
    appeals,
    confirming,
    contacts,
    findings,
    following,
    recomputing,
    supervising,
)
from evalsys.rectification.events import CaseMoved, CaseOpened, CauseEstablished
from evalsys.rectification.queries import matters
from evalsys.rectification.rules import CHASE, DISPATCH_CASES, KEEP_GUIDANCE, READ_CASES
from evalsys.rectification.rules.appeals import REVIEW_APPEALS
from evalsys.rectification.rules.citizens import RELAY
from evalsys.rectification.rules.figures import SEE_FIGURES
from evalsys.rectification.views import citizen as citizens_case
from evalsys.rectification.views import relay
from evalsys.scoring import actions as scoring
from evalsys.worktime import actions as worktime
from evalsys.worktime import views as calendar
from evalsys.worktime.events import CalendarChanged
from evalsys.worktime.rules import KEEP_CALENDAR

BLUEPRINTS: Sequence[Blueprint] = (
    organisation.bp,
    identity.bp,
    evaluation.bp,
    rectification.bp,
    desk.bp,
    assurance.bp,
    dashboards.bp,
    calendar.bp,
)

# The features' parts of the JSON interface.
INTERFACE: Sequence[Any] = (evaluation_api.blp, rectification_api.blp, desk_api.blp, dashboards_api.blp)

_SUMS = reactions.Together(scoring.add_to_tallies)
_SERVICES = reactions.Together(scoring.add_to_services)

# What happens in the same transaction when something is announced, in this order.
REACTIONS: Mapping[type, Sequence[reactions.Reaction | reactions.Together]] = {
    StaffImported: (accounts.open_account_of_staff,),
    StaffMoved: (accounts.move_account_of_staff,),
    StaffLeft: (accounts.disable_account_of_staff,),
    WindowsImported: (codes.follow_windows,),
    **dict.fromkeys(MOVING_SUMS, (_SUMS,)),
    **dict.fromkeys(MOVING_SERVICES, (_SERVICES,)),
    RatingRecorded: (_SUMS, following.follow_new),
    RatingCorrected: (_SUMS, following.follow_change),
    RatingRepeated: (_SUMS, following.follow_change),
    RatingExplained: (_SUMS, following.follow_reasons),
    FollowUpRecorded: (confirming.follow_follow_up,),
    ServiceRefused: (refusals.keep_draft,),
    CaseOpened: (announcing.announce_opening,),
    CaseMoved: (announcing.announce_move, announcing.tell_raters),
    CauseEstablished: (findings.pass_on,),
    CalendarChanged: (recomputing.follow_calendar, appeals.follow_calendar),
}

# What `evalsys upgrade` puts in place once the schema stands; each may run again and again.
FOUNDATIONS: Sequence[Callable[[Session], object]] = (
    secrets.ensure_keys,
    lambda session: worktime.seed_calendar(session, clock.today()),
    tags.load_national_tags,
    categories.load_categories,
)

# Work by the clock, done by `evalsys work` once for each period.
TIMED: Sequence[jobs.Timed] = (
    jobs.Timed("destroy-traces", jobs.hourly, traces.destroy_traces),
    jobs.Timed("first-codes", jobs.daily, codes.ensure_codes),
    jobs.Timed("forget-delivered", jobs.daily, outbox.forget_delivered),
    jobs.Timed("sweep-files", jobs.daily, files.sweep),
    jobs.Timed("leavers", jobs.daily, accounts.disable_accounts_of_leavers),
    jobs.Timed("lapse-holds", jobs.daily, standing.lapse_holds),
    jobs.Timed("seal", jobs.every_half_minute, seals.seal_in_time),
    jobs.Timed("find-signals", jobs.every_minute, signals.find_signals),
    jobs.Timed("supervise", jobs.every_minute, supervising.supervise),
    jobs.Timed("call-next", jobs.every_half_minute, on_call.call_next),
    jobs.Timed("place-rows", jobs.every_minute, scoring.place_rows),
    jobs.Timed("purge-contacts", jobs.daily, contacts.purge_contacts),
    jobs.Timed("release-periods", jobs.daily, scoring.release_periods),
    jobs.Timed("open-periods", jobs.daily, opened.open_periods),
    jobs.Timed("draft-bulletins", jobs.daily, bulletins.draft_months),
    jobs.Timed("weekly-digest", digest.weekly, digest.send_digest),
)

# Ways out of the outbox, as the settings open them.
SENDERS: Sequence[Callable[[Settings], Sequence[outbox.Sender]]] = (
    webhooks.senders,
    mail.senders,
    spool.senders,
)


# What other features show on a case's page: a template and its values, or None where they have nothing.
CasePanel = Callable[[Session, int, Actor], tuple[str, Mapping[str, object]] | None]
CASE_PANELS: Sequence[CasePanel] = (desk_panels.panel, relay.panel)

# What other features' cases are about, for suggesting owners and finding duplicates.
MATTERS: Sequence[matters.MatterSource] = (
    desk_matters.matters_of_orders,
    desk_matters.matters_of_reports,
)

# What other features show on a receipt, in this order.
RECEIPT_PANELS: Sequence[panels.ReceiptPanel] = (citizens_case.panel, assurance.seals.panel)

# Who else gives out receipts: where a code that is no rating's leads.
RECEIPTS_ELSEWHERE: Sequence[panels.ReceiptElsewhere] = (desk_panels.report_of_receipt,)


@dataclass(frozen=True)
class Page:
    """One page in the navigation, shown to those who may see it."""

    endpoint: str
    label: str
    permission: Permission


NAVIGATION: Sequence[tuple[str, Sequence[Page]]] = (
    (N_("本单位窗口"), (Page("dashboards.console", N_("本单位窗口"), SEE_CONSOLE),)),
    (
        N_("排名"),
        (
            Page("dashboards.overview", N_("总览"), SEE_LIVE),
            Page("dashboards.windows", NP_("several", "窗口"), SEE_RANKINGS),
            Page("dashboards.staff", N_("人员"), SEE_RANKINGS),
            Page("dashboards.departments", NP_("several", "部门"), SEE_RANKINGS),
        ),
    ),
    (
        N_("指标"),
        (
            Page("dashboards.tags", N_("标签"), SEE_LIVE),
            Page("dashboards.participation", N_("参与"), SEE_LIVE),
            Page("dashboards.done", N_("一次办成"), SEE_LIVE),
            Page("dashboards.items", N_("按事项"), SEE_LIVE),
            Page("dashboards.own", N_("差评归属"), SEE_LIVE),
            Page("dashboards.compared", N_("与上期比较"), SEE_LIVE),
            Page("dashboards.moved", N_("数字为什么变了"), SEE_LIVE),
            Page("dashboards.fixes", N_("您提我改"), SEE_FIXES),
            Page("dashboards.indicators", N_("口径"), SEE_RANKINGS),
        ),
    ),
    (
        N_("差评整改"),
        (
            Page("rectification.queue", N_("差评整改"), READ_CASES),
            Page("rectification.chase", N_("日督催"), CHASE),
            Page("rectification.supervision_notices", N_("督办单"), CHASE),
            Page("rectification.figures", N_("整改指标"), SEE_FIGURES),
            Page("rectification.messages_waiting", N_("留言转达"), RELAY),
            Page("rectification.dispatch_desk", N_("派单台"), DISPATCH_CASES),
            Page("rectification.appeals_desk", N_("申诉复核"), REVIEW_APPEALS),
            Page("rectification.guidance", N_("责任目录和答复模板"), KEEP_GUIDANCE),
        ),
    ),
    (
        N_("工单"),
        (
            Page("desk.orders", N_("工单受理"), TYPE_ORDERS),
            Page("desk.halls_of_reports", N_("办不成事"), WORK_REPORTS),
            Page("desk.on_call", N_("值班表"), KEEP_ON_CALL),
            Page("desk.order_counts", N_("工单统计"), SEE_ORDER_COUNTS),
        ),
    ),
    (N_("通报"), (Page("dashboards.bulletins", N_("通报"), SEE_BULLETINS),)),
    (
        N_("疑点"),
        (
            Page("assurance.signals", N_("疑点"), SEE_SIGNALS),
            Page("assurance.standing_desk", N_("计入决定"), SEE_SIGNALS),
        ),
    ),
    (N_("评价记录"), (Page("evaluation.comments", N_("评价记录"), READ_COMMENTS),)),
    (N_("帮忙评价"), (Page("evaluation.assist", N_("帮忙评价"), ASSIST),)),
    (N_("纸质评价单"), (Page("evaluation.paper", N_("纸质评价单"), ENTER_PAPER),)),
    (NP_("several", "评价码"), (Page("evaluation.window_codes", NP_("several", "评价码"), PRINT_CODES),)),
    (N_("请评"), (Page("evaluation.console_prompt", N_("请评"), ASK_TO_RATE),)),
    (
        N_("排班"),
        (
            Page("organisation.rota", N_("排班"), MANAGE_ROTA),
            Page("organisation.hand_over", N_("接班"), HAND_OVER),
        ),
    ),
    (N_("设备"), (Page("identity.devices", N_("设备"), SEE_DEVICES),)),
    (N_("大屏"), (Page("dashboards.boards", N_("大屏"), KEEP_BOARDS),)),
    (
        N_("组织数据"),
        (
            Page("organisation.overview", N_("总览"), EDIT_ORGANISATION),
            Page("organisation.windows", NP_("several", "窗口"), EDIT_ORGANISATION),
            Page("organisation.staff", N_("人员"), EDIT_ORGANISATION),
            Page("organisation.items", NP_("several", "事项"), EDIT_ORGANISATION),
            Page("organisation.bring_in", N_("导入"), EDIT_ORGANISATION),
        ),
    ),
    (N_("工作日历"), (Page("worktime.calendar", N_("工作日历"), KEEP_CALENDAR),)),
    (NP_("several", "账号"), (Page("identity.accounts", NP_("several", "账号"), MANAGE_ACCOUNTS),)),
    (
        N_("我的"),
        (
            Page("identity.own_account", N_("我的账号"), OWN_ACCOUNT),
            Page("identity.notices", N_("通知"), OWN_ACCOUNT),
        ),
    ),
)


def know_people(app: Flask) -> None:
    """Let every request find its actor; before anything that asks who it is."""
    sign_in.install(app)


def connect(app: Flask) -> None:
    """Join the features to an application."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    openapi.install(app, INTERFACE)
    reactions.follow(REACTIONS)
    matters.know(MATTERS)
    app.context_processor(_surroundings)
    panels.install(app, RECEIPT_PANELS, RECEIPTS_ELSEWHERE)
    short_way.install(app)
    dashboards.again.install(app)


def _present_page() -> str | None:
    """The endpoint in the navigation that the page asked for is, or lies below."""
    addresses = {page.endpoint: url_for(page.endpoint) for _label, pages in NAVIGATION for page in pages}
    above = [
        endpoint
        for endpoint, address in addresses.items()
        if request.path == address or request.path.startswith(f"{address}/")
    ]
    return max(above, key=lambda endpoint: len(addresses[endpoint]), default=None)


def _surroundings() -> dict[str, object]:
    """What every staff page shows around its own content."""
    actor = known_actor()
    if actor is None:
        return {"actor": None}
    present = _present_page()
    groups = [
        {
            "label": gettext_of_several(label),
            "items": [
                {
                    "url": url_for(page.endpoint),
                    "label": gettext_of_several(page.label),
                    "current": page.endpoint == present,
                }
                for page in pages
                if actor.may(page.permission)
            ],
        }
        for label, pages in NAVIGATION
    ]
    return {
        "actor": actor,
        "actor_roles": [_(ROLES[role]) for role in sorted(actor.roles)],
        "navigation": [group for group in groups if group["items"]],
        # Asked only by pages that show it.
        "case_panels": lambda case_id: [panel(db.session(), case_id, actor) for panel in CASE_PANELS],
        "unread_notices": lambda: notices.unread_count(db.session(), actor, clock.now()),
    }
