"""One function under functions-framework, in this one process.

The framework's own command puts gunicorn in front: a second process of the same size for each function, which
on one machine only watches. The app is the same, and so is its server (uvicorn), with the options that the
function gives to gunicorn's worker. tests/functions start the functions by the framework's command.
"""

import sys

import uvicorn
from functions_framework.aio import create_asgi_app
from uvicorn_worker import UvicornWorker

from local.standin import LOOPBACK

GRACE = 1
"""Seconds that requests under way get to finish when it is asked to end."""


def main(name: str, port: int) -> None:
    """Serve functions/NAME until asked to end."""
    app = create_asgi_app(name, f"functions/{name}/main.py")  # type: ignore[no-untyped-call]
    options = UvicornWorker.CONFIG_KWARGS
    uvicorn.run(app, host=LOOPBACK, port=port, log_level="error", timeout_graceful_shutdown=GRACE, **options)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
