"""Further processes of the chat function beside those of a running Docent; one without limits and observing.

`python -m benchmarks.chats PORT` serves chat without the middleware that meters and observes: what is left is
Docent without them, for comparison.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil

from local.runner.ports import free_block

CHECKOUT = Path(__file__).parents[1]
PATIENT = {f"{name}_TIMEOUT": "60" for name in ("FIRESTORE", "RATELIMIT", "DRIVE", "VECTOR", "GENAI")}
"""Two hundred at once on a small machine take longer than anybody would wait."""
BARE = {"RATELIMIT_ENABLED": "false", "CACHE_ENABLED": "false"}
"""Settings without limits, budgets and caches."""
START_LIMIT = 120.0


class Chats:
    """Processes of chat with the settings of the one that `supervisor` started."""

    def __init__(self, supervisor: psutil.Process) -> None:
        self._supervisor = supervisor
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *, bare: bool = False, **settings: str) -> str:
        """The address of one more, with these settings besides; it is killed in the end."""
        children = self._supervisor.children(recursive=True)
        first = next(one for one in children if one.cmdline()[-2:-1] == ["chat"])
        port = str(free_block())
        module = ["benchmarks.chats"] if bare else ["local.runner.function", "chat"]
        address = f"http://127.0.0.1:{port}"
        self._processes[address] = subprocess.Popen(  # noqa: S603 - ours
            [sys.executable, "-m", *module, port], cwd=CHECKOUT,
            env={**first.environ(), **PATIENT, **(BARE if bare else {}), **settings},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._wait(address)
        return address

    def cpu(self, address: str) -> float:
        """Seconds of CPU that it used so far, by the operating system."""
        times = psutil.Process(self._processes[address].pid).cpu_times()
        return float(times.user + times.system)

    def kill(self, address: str) -> None:
        """End one where it stands."""
        process = self._processes.pop(address)
        process.kill()
        process.wait(20)

    def close(self) -> None:
        """End all."""
        for address in list(self._processes):
            self.kill(address)

    def _wait(self, address: str) -> None:
        deadline = time.monotonic() + START_LIMIT
        while True:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{address}/collections", timeout=30, trust_env=False)
                return
            if self._processes[address].poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"a process of chat did not start at {address}")
            time.sleep(0.1)


@contextlib.contextmanager
def chats(supervisor: psutil.Process) -> Iterator[Chats]:
    """Such processes, for as long as the block lasts."""
    made = Chats(supervisor)
    try:
        yield made
    finally:
        made.close()


def serve_bare(port: int) -> None:
    """Serve chat without Metering and Observing until asked to end."""
    from local.runner import function
    from shared.web import app
    from shared.web.observing import Observing

    whole = app.make_app

    def bare(routes: Any, services: Any, guard: Any, _bookkeeper: Any = None) -> Any:
        made = whole(routes, services, guard, None)
        made.user_middleware = [one for one in made.user_middleware if one.cls is not Observing]
        return made

    app.make_app = bare
    function.main("chat", port)


if __name__ == "__main__":
    serve_bare(int(sys.argv[1]))
