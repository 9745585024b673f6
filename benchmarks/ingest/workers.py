"""Instances of the ingest function behind one port: `python -m benchmarks.ingest.workers PORT COUNT [FILES]`.

All accept from one listening socket, so whichever is free takes the next request, as Cloud Run's balancer
would have it. Each is the app that functions-framework makes, under uvicorn. FILES are read by each before it
serves: imports are not timed, on neither side.
"""

import mimetypes
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from local.standin import LOOPBACK

BACKLOG = 512


def main(port: int, count: int, samples: Sequence[Path] = ()) -> None:
    """Serve until asked to end."""
    # the protocol is named because asyncio turns Nagle's delay off only then
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((LOOPBACK, port))
    listener.listen(BACKLOG)
    for _ in range(count - 1):  # before anything of gRPC is imported, which does not survive a fork
        if os.fork() == 0:
            break
    import uvicorn
    from functions_framework.aio import create_asgi_app

    app = create_asgi_app("ingest", "functions/ingest/main.py")  # type: ignore[no-untyped-call]
    _warm(samples)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    server.run(sockets=[listener])


def _warm(samples: Sequence[Path]) -> None:
    """Import what files of these kinds are read with, by reading them, and what serves."""
    import functions.ingest.wiring  # noqa: F401 - imported for its imports
    from shared.documents.chunks import cut
    from shared.documents.extract import extract

    for path in samples:
        kind = mimetypes.guess_type(path.name)[0] or ""
        cut(extract(path, kind, path.name), path.name)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
