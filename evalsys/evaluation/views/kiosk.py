"""The kiosk of the rating zone: four equal ways to the window one was served at."""

from flask import Response, current_app, make_response, request
from flask.typing import ResponseReturnValue

from evalsys.evaluation.queries import kiosk as finding
from evalsys.evaluation.queries import services
from evalsys.evaluation.queries.kiosk import Findable
from evalsys.evaluation.views import paired
from evalsys.evaluation.views.blueprint import bp
from evalsys.evaluation.views.kiosk_steps import Kiosk, at_kiosk, lead_home
from evalsys.evaluation.views.links import why_closed
from evalsys.identity.actions import devices
from evalsys.kernel import assets, clock, secrets, writer
from evalsys.kernel.access import device
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.organisation.queries import halls
from evalsys.organisation.queries.places import Place

LONGEST_NUMBER, LONGEST_SOUGHT = 6, 20
KEYS, DIGITS = "QWERTYUIOPASDFGHJKLZXCVBNM", "123456789"
_KEPT = "evalsys.kiosk-matters"

bp.after_request(lead_home)


@bp.get("/kiosk/<hall>")
@at_kiosk
def kiosk_home(kiosk: Kiosk) -> ResponseReturnValue:
    """Four ways to the window; nothing of the visitor before is left."""
    return kiosk.forget(make_response(kiosk.page("home")))


@bp.get("/kiosk/<hall>/alive")
@device
def kiosk_alive(hall: str) -> ResponseReturnValue:
    """Take the kiosk's sign of life; 403 once it is out of use."""
    found, known = halls.hall_by_code(db.session(), hall), paired.device_in_use("kiosk")
    if found is None or known is None or known.hall_id != found.id:
        return Response(status=403)
    writer.run(devices.note_seen, known.id, assets.version(), clock.now())
    return Response(status=204)


@bp.route("/kiosk/<hall>/ticket", methods=["GET", "POST"])
@at_kiosk
def kiosk_ticket(kiosk: Kiosk) -> ResponseReturnValue:
    """A hand scanner types the address or the code of a queue ticket."""
    if request.method == "GET":
        return kiosk.show("ticket")
    typed = request.form.get("ticket", "").strip()
    token = secrets.digest(secrets.spelled(typed.split("?")[0].rstrip("/").rpartition("/")[2]))
    invited = services.invited_by(db.session(), token)
    if invited is None or invited.kind not in ("ticket", "take-away"):
        return kiosk.go("ticket", fault=_("没有认出这张小票。请再扫一次,或者换一种办法找窗口。"))
    closed = why_closed(invited, "kiosk")
    if closed is not None:
        return kiosk.go("ticket", fault=closed)
    return kiosk.go("level", way="ticket", token=token, window=invited.window_id, person="", key="")


@bp.route("/kiosk/<hall>/number", methods=["GET", "POST"])
@at_kiosk
def kiosk_number(kiosk: Kiosk) -> ResponseReturnValue:
    """A keypad with the signs this hall's numbers are made of."""
    windows = _windows(kiosk)
    if request.method == "GET":
        return kiosk.show("number", letters=_letters(windows), digits=DIGITS)
    typed = _pressed(request.form.get("typed", ""))[:LONGEST_NUMBER]
    if "press" in request.form:
        return kiosk.go("number", typed=typed)
    meant = finding.windows_called(windows, typed)
    if not meant:
        fault = _("没有%(number)s号窗口。请看小票或窗口上的号码,再输一遍。", number=typed) if typed else ""
        return kiosk.go("number", typed="", fault=fault or _("请先输入窗口号。"))
    if len(meant) > 1:
        return kiosk.go("windows", way="number", typed=typed, item=None)
    return _chosen(kiosk, meant[0], way="number", typed=typed)


@bp.route("/kiosk/<hall>/matter", methods=["GET", "POST"])
@at_kiosk
def kiosk_matter(kiosk: Kiosk) -> ResponseReturnValue:
    """Find the window by what was done there: pinyin, first letters, other names."""
    findable = _findable(kiosk)
    if request.method == "GET":
        found = finding.matters_like(findable, kiosk.progress.sought)
        return kiosk.show("matter", found=found, keys=KEYS)
    sought = _pressed(request.form.get("typed", ""))[:LONGEST_SOUGHT]
    item = next((one.item for one in findable if str(one.item.item_id) == request.form.get("item")), None)
    if item is None:
        return kiosk.go("matter", sought=sought)
    windows = [place for place in _windows(kiosk) if place.window_id in item.window_ids]
    if len(windows) == 1:
        return _chosen(kiosk, windows[0], way="matter", item=item.item_id)
    return kiosk.go("windows", way="matter", item=item.item_id, typed="")


@bp.route("/kiosk/<hall>/map", methods=["GET", "POST"])
@at_kiosk
def kiosk_map(kiosk: Kiosk) -> ResponseReturnValue:
    """The hall drawn from its zones, each with its windows in rows; then one zone large enough to tap."""
    zones = halls.zones_of_hall(db.session(), kiosk.hall.id, clock.today())
    if request.method == "POST":
        return kiosk.go("map", zone=request.form.get("zone", type=int))
    zone = next((one for one in zones if one.id == kiosk.progress.zone), None)
    return kiosk.show("map" if zone is None else "zone", zones=zones, zone=zone)


@bp.route("/kiosk/<hall>/windows", methods=["GET", "POST"])
@at_kiosk
def kiosk_windows(kiosk: Kiosk) -> ResponseReturnValue:
    """The windows that may be meant, to choose one; every way that offers windows sends them here."""
    windows = _windows(kiosk)
    if request.method == "POST":
        window = next((one for one in windows if one.number == request.form.get("window")), None)
        way = kiosk.progress.way if request.form.get("way") == "windows" else "map"
        return kiosk.go("home") if window is None else _chosen(kiosk, window, way=way)
    if kiosk.progress.way == "number":
        return kiosk.show("windows", windows=finding.windows_called(windows, kiosk.progress.typed), item=None)
    item = next((f.item for f in _findable(kiosk) if f.item.item_id == kiosk.progress.item), None)
    if item is None:
        return kiosk.go("home")
    return kiosk.show("windows", windows=[w for w in windows if w.window_id in item.window_ids], item=item)


def _chosen(kiosk: Kiosk, window: Place, **chosen: object) -> Response:
    return kiosk.go("who", window=window.window_id, token="", person="", key="", receipt="", **chosen)


def _windows(kiosk: Kiosk) -> list[Place]:
    return halls.open_windows(db.session(), kiosk.hall.id, clock.today())


def _letters(windows: list[Place]) -> list[str]:
    """The letters this hall's numbers are written with."""
    return sorted({sign for window in windows for sign in window.number.upper() if sign.isalpha()})


def _pressed(typed: str) -> str:
    """What stands in a field after a key of the screen: a sign more, one less, or none."""
    press = request.form.get("press", "")
    if press == "back":
        return typed[:-1]
    return "" if press == "clear" else typed + press


def _findable(kiosk: Kiosk) -> list[Findable]:
    """The hall's items spelled out, kept until items change or a new day begins."""
    today = clock.today()
    state = (today, *halls.state_of_items(db.session()))
    kept = current_app.extensions.setdefault(_KEPT, {})
    if kiosk.hall.id not in kept or kept[kiosk.hall.id][0] != state:
        kept[kiosk.hall.id] = (state, finding.findable_matters(db.session(), kiosk.hall.id, today))
    spelled: list[Findable] = kept[kiosk.hall.id][1]
    return spelled
