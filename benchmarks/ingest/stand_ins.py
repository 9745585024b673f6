"""Vertex AI with the free model: `python -m benchmarks.ingest.stand_ins`, a plan on standard input."""

import asyncio
import sys
from typing import Any

from benchmarks.ingest.free_model import FreeEmbedder
from local.generated import leave_out_clients
from local.runner.host import Plan, run


async def host(plan: Plan) -> None:
    """Run the plan's Vertex AI until asked to end."""
    from local.vertex.server import VertexServer

    free: Any = FreeEmbedder()
    await run({name: VertexServer(options, free) for name, options in plan.stand_ins.items()}, plan)


if __name__ == "__main__":
    leave_out_clients()
    asyncio.run(host(Plan.from_json(sys.stdin.read())))
