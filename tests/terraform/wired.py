"""What each function reads and makes, by wiring it up in a process of its own.

`python -m tests.terraform.wired` writes which settings each function reads to terraform/reads.json.
"""

import inspect
import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from shared import settings
from tests.terraform.plans import FUNCTIONS
from tests.terraform.terraform import CHECKOUT

READS = CHECKOUT / "terraform" / "reads.json"
_EXAMPLES = {
    "GOOGLE_CLIENT_ID": "1-check.apps.googleusercontent.com",
    "OAUTH_REDIRECT_URI": "https://docent.example.com/auth/callback",
    "FRONTEND_URL": "https://docent.example.com",
    "AUTH_JWKS_URL": "https://docent.example.com/auth/jwks",
    "VECTOR_INDEX_HOST": "127.0.0.1:1",
    "VECTOR_MATCH_HOST": "127.0.0.1:1",
}
_LOGIN = {"type": "authorized_user", "client_id": "x", "client_secret": "x", "refresh_token": "x"}


def settings_classes() -> list[type[settings.Settings]]:
    """The classes of shared/settings.py."""
    own = [one for one in vars(settings).values() if inspect.isclass(one)]
    return [one for one in own if issubclass(one, settings.Settings) and one is not settings.Settings]


@cache
def wired(name: str) -> dict[str, list[str]]:
    """Of the function `name`: `read` settings, those `required`, and the classes of shared/ that were `made`.

    Raises:
        RuntimeError: when it cannot be wired up with a value for everything that has no default.
    """
    with tempfile.TemporaryDirectory() as folder:
        login = Path(folder) / "login.json"
        login.write_text(json.dumps(_LOGIN))
        words = [sys.executable, "-m", "tests.terraform.reading", name]
        environment = _everything() | {"GOOGLE_APPLICATION_CREDENTIALS": str(login)}
        ended = subprocess.run(  # noqa: S603 - our own words
            words, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
    if ended.returncode:
        raise RuntimeError(f"{name} cannot be wired up: {ended.stderr[-2000:]}")
    found: dict[str, list[str]] = json.loads(ended.stdout)
    return found


def _everything() -> dict[str, str]:
    """A value for each variable that has no default."""
    names = {
        (kind.prefix + name).upper()
        for kind in settings_classes()
        for name, field in kind.model_fields.items()
        if field.is_required()
    }
    return {name: _EXAMPLES.get(name, "example") for name in names} | {"PATH": os.environ["PATH"]}


if __name__ == "__main__":
    READS.write_text(json.dumps({name: wired(name)["read"] for name in FUNCTIONS}, indent=2) + "\n")
