"""Rating a service that is noted for nothing else: what is rehearsed of the ways in that need one."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from evalsys.evaluation.actions import counter, prompts, services
from evalsys.evaluation.queries import services as queries
from evalsys.evaluation.queries.services import Invited
from evalsys.evaluation.rules import Answer, NewService, Visit
from evalsys.identity.queries import devices
from evalsys.kernel import secrets

VisitOf = Callable[[Invited, str, str], Visit]


def rate_new_service(
    connection: Connection, new: NewService, entry: str, answer: Answer, *, visit_of: VisitOf, now: datetime
) -> None:
    """Note a service, lead to it as `entry` (tablet, link, ticket) does, and store its rating.

    Raises NoTablet where no tablet is paired at its window, and what a rating by that way may raise.
    """
    noted = services.note_service(connection, new)
    invited = queries.invited_to(connection, noted.service_id, entry)
    if invited is None:
        raise LookupError(f"no invitation by {entry}")
    visit = visit_of(invited, entry, "phone" if entry != "tablet" else entry)
    if entry != "tablet":
        token = services.token_of(secrets.receipt_key(connection), noted.public_id, entry)
        hashed = secrets.digest(token)
        services.rate_by_invitation(connection, visit, answer, secrets.digest(noted.public_id), hashed)
        return
    prompts.send_prompt(connection, noted.service_id, now)
    tablet = devices.tablet_of_window(connection, new.window_id)
    if tablet is None:
        raise LookupError("the tablet has gone")
    prompts.note_shown(connection, noted.service_id, now)
    counter.rate_on_tablet(connection, tablet, visit, answer, now)
