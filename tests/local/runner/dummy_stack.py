"""A supervisor of two dummy services, to be run and killed: python dummy_stack.py FOLDER PORT [MODE]."""

import asyncio
import json
import sys
from pathlib import Path

from local.runner.child import Crash, Recipe
from local.runner.supervisor import Supervisor, supervise

DUMMY = Path(__file__).with_name("dummy.py")


def recipe(folder: Path, name: str, port: int, mode: str = "") -> Recipe:
    """How to start one dummy service."""

    async def ready() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    return Recipe(
        name, [sys.executable, str(DUMMY), str(port), mode], {}, folder, folder / f"{name}.log", ready
    )


async def main() -> None:
    """Start two stages, write who runs to FOLDER/pids, and stay."""
    folder, port, mode = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""
    supervisor = Supervisor(grace=1.0)

    async def work() -> None:
        await supervisor.start([recipe(folder, "first", port)])
        await supervisor.start([recipe(folder, "second", port + 1, mode)])
        draft = folder / "draft"
        draft.write_text(json.dumps([child.pid for child in supervisor.children]))
        draft.rename(folder / "pids")
        await asyncio.Event().wait()

    try:
        await supervise(supervisor, work)
    except Crash as crash:
        sys.stdout.write(f"{crash}\n")
        sys.exit(1)


if __name__ == "__main__":
    asyncio.run(main())
