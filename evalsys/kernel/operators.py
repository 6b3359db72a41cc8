"""Who may read how the site itself does: programs on its own machine, or those that hold the token."""

import hmac
from ipaddress import ip_address

from flask import request

from evalsys.kernel import settings

# A front that is not counted in EVALSYS_PROXY_HOPS asks from this machine for somebody else.
_BY_A_FRONT = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")


def asks() -> bool:
    """Whether the present request comes from an operator's program."""
    token = settings.current().metrics_token
    said = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(said.encode(), f"Bearer {token}".encode()):
        return True
    return _is_here(request.remote_addr) and not any(name in request.environ for name in _BY_A_FRONT)


def _is_here(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False
