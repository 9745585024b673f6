"""A process that runs one or more stand-ins and their control port."""

import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from local.control.app import control_app
from local.control.snapshots import Snapshots
from local.generated import leave_out_clients
from local.runner.catalog import make
from local.standin import HttpServer, Options, StandIn


@dataclass(frozen=True)
class Plan:
    """What a host process runs, as it travels over its standard input."""

    stand_ins: dict[str, Options]
    control_port: int
    snapshots: Path | None = None
    """Where copies of the state are kept, the same for all of a block; None: gone with the process."""

    def to_json(self) -> str:
        """The plan as JSON."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """The plan that `to_json` wrote."""
        raw = json.loads(text)
        stand_ins = {name: _options(fields) for name, fields in raw.pop("stand_ins").items()}
        folder = raw.pop("snapshots")
        return cls(stand_ins=stand_ins, snapshots=Path(folder) if folder else None, **raw)


def _options(fields: dict[str, object]) -> Options:
    paths = {key: Path(str(fields[key])) if fields[key] else None for key in ("state", "drive")}
    return Options(**{**fields, **paths})  # type: ignore[arg-type]


async def run_plan(plan: Plan) -> None:
    """Run a plan until SIGTERM or SIGINT."""
    await run({name: make(name, options) for name, options in plan.stand_ins.items()}, plan)


async def run(stand_ins: dict[str, StandIn], plan: Plan, *, announce: bool = False) -> None:
    """Start the stand-ins, open the control port last, and wait for the end."""
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(name, ending.set)
    started: list[StandIn] = []
    snapshots = Snapshots(list(stand_ins.values()), plan.snapshots)
    try:
        for stand_in in stand_ins.values():
            await stand_in.start()
            started.append(stand_in)
        exports = {key: value for one in started for key, value in one.exports().items()}
        control = HttpServer(_control(started, exports, snapshots), plan.control_port)
        control_port = await control.start()
        if announce:
            for key, value in exports.items():
                print(f"export {key}={value}")
            print(f"# control: http://127.0.0.1:{control_port}", flush=True)
        await ending.wait()
        await control.stop()
    finally:
        snapshots.close()
        await _stop(started)


async def _stop(started: Sequence[StandIn]) -> None:
    for outcome in await asyncio.gather(*(one.stop() for one in started), return_exceptions=True):
        if isinstance(outcome, BaseException):
            print(f"stopping: {outcome!r}", file=sys.stderr)


def _control(stand_ins: Sequence[StandIn], exports: dict[str, str], snapshots: Snapshots) -> Starlette:
    async def show(_: Request) -> Response:
        return JSONResponse(exports)

    return Starlette(
        routes=[
            Route("/exports", show),
            Mount("/", control_app([one.control for one in stand_ins], snapshots)),
        ]
    )


def main() -> None:
    """Run the plan that stands on standard input: how the supervisor starts hosts."""
    leave_out_clients()
    asyncio.run(run_plan(Plan.from_json(sys.stdin.read())))


if __name__ == "__main__":
    main()
