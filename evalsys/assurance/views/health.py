"""How the site does, for programs that watch it: alive, ready to take a rating, in figures."""

from flask import Response, abort, jsonify
from flask.typing import ResponseReturnValue

from evalsys.assurance.queries import figures
from evalsys.assurance.views.blueprint import bp
from evalsys.kernel import clock, operators, readiness
from evalsys.kernel import metrics as kept
from evalsys.kernel.access import citizen
from evalsys.kernel.database import db


@bp.get("/healthz")
@citizen
def healthz() -> ResponseReturnValue:
    """Say that this process is alive; nothing is read or written for it."""
    return {"alive": True}


@bp.get("/metrics")
@citizen
def metrics() -> ResponseReturnValue:
    """Give operators' programs the site's figures; 404 to everybody else."""
    if not operators.asks():
        abort(404)
    text = kept.as_text(figures.figures(db.session(), clock.now()), figures.MEANINGS)
    return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")


@bp.get("/readyz")
@citizen
def readyz() -> ResponseReturnValue:
    """Say whether a rating would be taken now: 200 or 503; to operators, what each check found."""
    found = readiness.examined()
    says = found.whole() if operators.asks() else found.public()
    return jsonify(says), 200 if found.ready else 503
