"""Whether a server can listen where it is told to, and where it is found then."""

import socket

from evalsys.kernel.refusals import Refused

# Who listens everywhere is asked on the machine itself.
_ITSELF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - only compared


class Taken(Refused):
    """Another server listens there."""


def expect_free(host: str, port: int) -> None:
    """Raise Taken where another server listens: the system would give each of the two every other request."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as fault:
            raise Taken(
                "{host}:{port}不能用({fault}),多半已有另一个服务在用。请先停掉它,或用--port换一个端口。",
                host=host,
                port=port,
                fault=fault.strerror,
            ) from fault


def address(host: str, port: int) -> str:
    """Where the machine itself finds a server that listens there."""
    asked = _ITSELF.get(host, host)
    return f"http://{f'[{asked}]' if ':' in asked else asked}:{port}"
