"""The block of ports: who listens where, counted from the gateway's."""

import contextlib
import socket
from dataclasses import dataclass

from local.standin import LOOPBACK

DEFAULT = 8080

ROLES = (
    "gateway",
    "auth",
    "chat",
    "ingest",
    "health",
    "signin",
    "firestore",
    "tasks",
    "secrets",
    "vertex",
    "vertex-grpc",
    "drive",
    "scheduler",
    "storage",
    "ranking",
    "documentai",
    "firebase",
    "control-firestore",
    "control-vertex",
    "control-services",
)
"""In the order of the block: the gateway has the first port. README.md shows the same table."""


class PortTaken(Exception):
    """A port of the block is in use; the sentence names it and who would have had it."""


@dataclass(frozen=True)
class Ports:
    """The block that starts at `first`."""

    first: int
    roles: tuple[str, ...] = ROLES

    def __getitem__(self, role: str) -> int:
        return self.first + self.roles.index(role)

    def url(self, role: str) -> str:
        """The address of an HTTP role."""
        return f"http://{LOOPBACK}:{self[role]}"

    def check(self) -> None:
        """Raise PortTaken for the first port of the block that cannot be had."""
        if not 1 <= self.first <= 65535 - len(ROLES):
            raise PortTaken(f"--port takes 1 to {65535 - len(ROLES)}, not {self.first}")
        for role in self.roles:
            if not is_free(self[role]):
                raise PortTaken(f"port {self[role]} ({role}) is taken; choose another with --port")


def is_free(port: int) -> bool:
    """Whether the port can be bound now, and nobody answers on it (BSD lets both be true)."""
    with contextlib.closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
    with contextlib.closing(socket.socket()) as caller:
        caller.settimeout(0.5)
        return caller.connect_ex((LOOPBACK, port)) != 0


def free_block() -> int:
    """A first port whose whole block is free now, for tests."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind((LOOPBACK, 0))
        start = probe.getsockname()[1]
    for first in range(20000 + start % 9000, 60000, len(ROLES)):
        if all(is_free(first + offset) for offset in range(len(ROLES))):
            return first
    raise PortTaken("no block of ports is free")
