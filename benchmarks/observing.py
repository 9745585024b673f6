"""What recording a request costs: CPU a request with six calls, recorded and handed on, against not recorded.

The app, its middleware and its log line are the real ones; the calls and the stores do nothing, so that what
is left is the recording. Both in one process, in turns. And the CPU that importing the room takes,
beside OpenTelemetry's API, in processes of their own.
"""

import asyncio
import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message

from shared.models import Person
from shared.observing import spans
from shared.observing.reporter import Reporter
from shared.observing.spans import Trace
from shared.web.app import make_app
from shared.web.guard import Access, Guard, route
from shared.web.observing import Observing

RESULTS = Path(__file__).parent / "results" / "observing.json"
LIMIT = 3.0
"""Milliseconds of CPU that a fresh question may cost more."""
ROUNDS, REQUESTS = 7, 300
HOPS = (
    "BatchGetDocuments",
    "Commit",
    "predict",
    "FindNeighbors",
    "BatchGetDocuments",
    "streamGenerateContent",
)


class Sink:
    """NumberStore and TraceStore that take everything."""

    async def add(self, numbers: Mapping[str, float]) -> None:
        """Take."""

    async def sums(self) -> Mapping[str, float]:
        """Nothing."""
        return {}

    async def write(self, function: str, traces: Sequence[Trace]) -> None:
        """Take."""


@dataclass
class Services:
    """Services that are observed, or not."""

    reporter: Reporter | None


class Nobody:
    """No sessions."""

    async def person(self, token: str) -> Person:
        """Never asked."""
        raise NotImplementedError(token)


async def _question(_: Request) -> Response:
    for method in HOPS:
        made = spans.call("service", method)
        await asyncio.sleep(0)
        if made is not None:
            made.end()
    return JSONResponse({})


def _app(*, observed: bool) -> Starlette:
    reporter = Reporter("chat", Sink(), Sink()) if observed else None
    app = make_app([route("/question", _question, access=Access.PUBLIC)], Services(reporter), Guard(Nobody()))
    if not observed:
        app.user_middleware = [one for one in app.user_middleware if one.cls is not Observing]
    return app


async def _cpu(app: Starlette) -> float:
    """Milliseconds of CPU a request."""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: Message) -> None:
        return

    began = time.process_time()
    for _ in range(REQUESTS):
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": "/question",
            "root_path": "",
            "query_string": b"",
            "headers": [],
            "scheme": "http",
            "server": ("docent", 80),
            "client": ("127.0.0.1", 1),
        }
        await app(scope, receive, send)
    return (time.process_time() - began) / REQUESTS * 1000


async def _overhead() -> tuple[float, float]:
    """Medians, without and with."""
    plain, observed = _app(observed=False), _app(observed=True)
    with redirect_stdout(io.StringIO()):
        rounds = [(await _cpu(plain), await _cpu(observed)) for _ in range(ROUNDS)]
    return statistics.median(one for one, _ in rounds), statistics.median(one for _, one in rounds)


def _import_cpu(before: str, module: str) -> float:
    """Seconds of CPU; the best of five."""
    code = (
        f"import time; {before}; began = time.process_time(); import {module}; "
        "print(time.process_time() - began)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
        for _ in range(5)
    ]
    return min(float(one.stdout) for one in runs)


def main() -> int:
    """Measure, print, write the file of results; 1 when the limit is not kept."""
    without, with_it = asyncio.run(_overhead())
    loaded = "import asyncio, structlog, pydantic, shared.settings"
    found = {
        "cpu_ms_without": round(without, 3),
        "cpu_ms_with": round(with_it, 3),
        "cpu_ms_more": round(with_it - without, 3),
        "extra_hops": 0,
        "import_cpu_ms_observing": round(_import_cpu(loaded, "shared.observing.reporter") * 1000, 1),
        "import_cpu_ms_opentelemetry_api": round(_import_cpu(loaded, "opentelemetry.trace") * 1000, 1),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    for name, value in found.items():
        print(f"{name:30} {value}")
    return 0 if with_it - without <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
