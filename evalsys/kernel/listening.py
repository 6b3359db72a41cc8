"""Whether a server can listen where it is told to."""

import socket

from evalsys.kernel.refusals import Refused


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
