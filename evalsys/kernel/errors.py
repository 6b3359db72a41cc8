"""What a person or a system sees when something is not there, not allowed, refused, or our fault."""

import logging
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException, InternalServerError

from evalsys.kernel import headers, watching
from evalsys.kernel.access import SecondStepNeeded
from evalsys.kernel.database import let_go
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_

log = logging.getLogger("evalsys")

# What the driver says of the letter no text on PostgreSQL holds: nobody types it, programs do.
_NO_LETTER = "cannot contain NUL"
PAGES = {403, 404, 410, 413, 422, 503}
RETRY_AFTER = 5
# What a system is told in words, beside the code of the error.
SENTENCES = {
    400: N_("这次发来的内容读不懂,没有保存。"),
    403: N_("这个账号没有权限。"),
    404: N_("没有这个地址,或者没有这项内容。"),
    405: N_("这个地址不接受这种请求方法。"),
    413: N_("内容太大,没有保存。"),
    415: N_("请用 application/json 发送。"),
    422: N_("有的参数不对,见 details。"),
}

NOT_READ = N_("这次发来的内容读不懂,没有保存。请返回上一页再试。")
NOT_DONE = N_("这次请求没有做成,没有保存。")


def is_api() -> bool:
    """Whether the caller speaks JSON."""
    return request.path.startswith("/api/")


def install(app: Flask) -> None:
    """Give every kind of failure its answer."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(401, _unknown)
    app.register_error_handler(SecondStepNeeded, _second_step)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _down)
    app.register_error_handler(NoConnectionFree, _down)
    app.register_error_handler(500, _fault)


def json_error(status: int, code: str, message: str, details: object = None) -> Response:
    """An error in the shape every JSON answer of ours has."""
    response = jsonify({"error": {"code": code, "message": message, "details": details}})
    response.status_code = status
    return response


def _page(page: int, **values: Any) -> Response:
    headers.plain_page()
    return make_response(render_template(f"errors/{page}.html", **values), page)


def _refused(refusal: Refused) -> ResponseReturnValue:
    sentence = say(refusal)
    if refusal.status == 503:
        return _away(type(refusal).__name__, sentence)
    if is_api():
        return json_error(refusal.status, type(refusal).__name__, sentence, refusal.details)
    page = refusal.status if refusal.status in PAGES else 422
    response = _page(page, sentence=sentence, status=refusal.status)
    response.status_code = refusal.status
    return response


def _stale(_error: CSRFError) -> ResponseReturnValue:
    return _refused(Refused(N_("页面放得太久了,这一步没有做。请返回上一页,刷新后再提交。")))


def _unknown(_error: HTTPException) -> ResponseReturnValue:
    if is_api():
        return json_error(401, "unauthorized", _("请带上有效的令牌。"))
    where = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect("/sign-in?" + urlencode({"next": where}))


def _second_step(error: SecondStepNeeded) -> ResponseReturnValue:
    if is_api():
        return _http(error)
    # What was typed is not carried along: the person goes back to the page the form stands on.
    before = urlsplit(request.referrer or "")
    ours = before.netloc == request.host
    asked = request.full_path.rstrip("?") if request.method == "GET" else before.path if ours else "/"
    return redirect("/second-step?" + urlencode({"next": asked}), 303)


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if is_api():
        data = getattr(error, "data", None) or {}
        code = error.name.lower().replace(" ", "-")
        sentence = _(SENTENCES.get(status, NOT_DONE))
        return json_error(status, code, sentence, data.get("messages"))
    if status == 400:
        return _refused(Refused(NOT_READ))
    if status < 400:
        return error
    if status in PAGES:
        return _page(status)
    response = _page(422, sentence=_(SENTENCES.get(status, NOT_DONE)), status=status)
    response.status_code = status
    response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    return response


def _down(error: OperationalError | NoConnectionFree) -> ResponseReturnValue:
    cause = getattr(error, "orig", None) or error
    log.error("the database does not answer: %s", type(cause).__name__, exc_info=error)
    return _away("down", _("系统暂时不可用,没有保存。请稍后再试。"))


def _away(code: str, sentence: str) -> Response:
    """Come again in a moment: the same may then be sent once more."""
    # The page must not ask the database anything, not even whether this is a demo.
    g.database_down = True
    if is_api():
        response = json_error(503, code, sentence)
    else:
        found_by = {"request_id": watching.request_id()}
        response = _page(503, seconds=RETRY_AFTER, sentence=sentence, unsure=code == "Unsure", **found_by)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _fault(error: InternalServerError) -> ResponseReturnValue:
    cause = error.original_exception
    if isinstance(cause, OperationalError | NoConnectionFree):
        return _down(cause)
    if isinstance(cause, Refused):
        return _refused(cause)
    if isinstance(cause, DataError) and _NO_LETTER in str(cause.orig):
        let_go()
        return _refused(Refused(NOT_READ))
    fault_id = watching.request_id()
    # The page reads a little: PostgreSQL answers nothing more in a transaction that has failed.
    let_go()
    log.error("fault %s at %s", fault_id, request.url_rule, exc_info=cause)
    if is_api():
        return json_error(500, "fault", _("系统出了问题,编号%(id)s。", id=fault_id))
    return _page(500, fault_id=fault_id)
