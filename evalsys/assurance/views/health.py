"""How the site does, for programs that watch it: alive, and ready to take a rating."""

from flask import jsonify
from flask.typing import ResponseReturnValue

from evalsys.assurance.views.blueprint import bp
from evalsys.kernel import operators, readiness
from evalsys.kernel.access import citizen


@bp.get("/healthz")
@citizen
def healthz() -> ResponseReturnValue:
    """Say that this process is alive; nothing is read or written for it."""
    return {"alive": True}


@bp.get("/readyz")
@citizen
def readyz() -> ResponseReturnValue:
    """Say whether a rating would be taken now: 200 or 503; to operators, what each check found."""
    found = readiness.examined()
    says = found.whole() if operators.asks() else found.public()
    return jsonify(says), 200 if found.ready else 503
