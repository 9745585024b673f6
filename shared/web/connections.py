"""How long the server of a function keeps idle connections, and what it speaks on them."""

from uvicorn_worker import UvicornWorker

SECONDS = 620
"""Google's load balancers keep idle connections to what they call for 600 s; whoever hears of a closed
connection last sends a request into it, so the function must be the one that waits longer."""


def configure_server() -> None:
    """Keep idle connections for SECONDS, and import no WebSockets: main.py calls this when it is imported.

    functions-framework starts gunicorn, which closes them after 2 s, and hands on none of its options: it
    reads neither GUNICORN_CMD_ARGS nor a configuration file. CONFIG_KWARGS is what gunicorn's uvicorn worker,
    which it names, has for its server's options; main.py is imported before there is a worker.
    """
    UvicornWorker.CONFIG_KWARGS = {**UvicornWorker.CONFIG_KWARGS, "timeout_keep_alive": SECONDS, "ws": "none"}
