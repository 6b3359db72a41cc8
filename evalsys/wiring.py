"""READ FIRST: how the features are joined. Everything here is a table."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Flask, request, url_for
from sqlalchemy.orm import Session

from evalsys.assurance import views as assurance
from evalsys.assurance.actions import drills, seals, signals
from evalsys.assurance.actions import readiness as answers
from evalsys.dashboards import api as dashboards_api
from evalsys.dashboards import views as dashboards
from evalsys.dashboards.actions import bulletins, digest, opened
from evalsys.desk import api as desk_api
from evalsys.desk import views as desk
from evalsys.desk.actions import categories, on_call, refusals
from evalsys.desk.queries import matters as desk_matters
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
from evalsys.evaluation.views import panels, short_way
from evalsys.identity import views as identity
from evalsys.identity.actions import accounts
from evalsys.identity.rules import ROLES
from evalsys.identity.views import blueprint as sign_in
from evalsys.integrations import openapi
from evalsys.kernel import (
    clock,
    files,
    jobs,
    mail,
    notices,
    outbox,
    reactions,
    readiness,
    secrets,
    spool,
    webhooks,
)
from evalsys.kernel.access import Actor, known_actor
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import gettext_of_several
from evalsys.kernel.settings import Settings
from evalsys.navigation import NAVIGATION
from evalsys.organisation import views as organisation
from evalsys.organisation.actions import uploads
from evalsys.organisation.events import StaffImported, StaffLeft, StaffMoved, WindowsImported
from evalsys.privacy import views as privacy
from evalsys.privacy.actions import purging
from evalsys.rectification import api as rectification_api
from evalsys.rectification import views as rectification
from evalsys.rectification.actions import (
    announcing,
    appeals,
    confirming,
    findings,
    following,
    recomputing,
    supervising,
)
from evalsys.rectification.events import CaseMoved, CaseOpened, CauseEstablished
from evalsys.rectification.queries import matters
from evalsys.rectification.views import citizen as citizens_case
from evalsys.rectification.views import relay
from evalsys.scoring import actions as scoring
from evalsys.worktime import actions as worktime
from evalsys.worktime import views as calendar
from evalsys.worktime.events import CalendarChanged

BLUEPRINTS: Sequence[Blueprint] = (
    organisation.bp,
    identity.bp,
    evaluation.bp,
    rectification.bp,
    desk.bp,
    assurance.bp,
    privacy.bp,
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
    jobs.Timed("drop-uploads", jobs.hourly, uploads.drop_uploads),
    jobs.Timed("leavers", jobs.daily, accounts.disable_accounts_of_leavers),
    jobs.Timed("lapse-holds", jobs.daily, standing.lapse_holds),
    jobs.Timed("ask-for-drill", drills.nightly, drills.ask),
    jobs.Timed("seal", jobs.every_half_minute, seals.seal_in_time),
    jobs.Timed("find-signals", jobs.every_minute, signals.find_signals),
    jobs.Timed("supervise", jobs.every_minute, supervising.supervise),
    jobs.Timed("call-next", jobs.every_half_minute, on_call.call_next),
    jobs.Timed("purge", jobs.daily, purging.purge),
    jobs.Timed("release-periods", jobs.daily, scoring.release_periods),
    jobs.Timed("place-rows", jobs.every_minute, scoring.place_rows),
    jobs.Timed("open-periods", jobs.daily, opened.open_periods),
    jobs.Timed("draft-bulletins", jobs.every_minute, bulletins.draft_months),
    jobs.Timed("weekly-digest", digest.weekly, digest.send_digest),
)

# What /readyz asks; where something that matters fails, no rating is sent here.
CHECKS: Sequence[readiness.Check] = (
    readiness.Check("write", answers.writes, matters=True),
    readiness.Check("disk", answers.has_room, matters=True),
    readiness.Check("engine", answers.is_durable, matters=True),
    readiness.Check("schema", answers.is_current, matters=True),
    readiness.Check("outbox", answers.delivers),
    readiness.Check("work", answers.works),
    readiness.Check("seals", answers.seals_days),
    readiness.Check("journal", answers.keeps_journal),
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
RECEIPT_PANELS: Sequence[panels.ReceiptPanel] = (
    citizens_case.panel,
    assurance.seals.panel,
    privacy.citizens.panel,
)

# Who else gives out receipts: where a code that is no rating's leads.
RECEIPTS_ELSEWHERE: Sequence[panels.ReceiptElsewhere] = (desk_panels.report_of_receipt,)


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
    readiness.install(app, CHECKS)


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
