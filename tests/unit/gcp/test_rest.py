"""What HTTP clients share."""

import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from shared.gcp.rest import certificates, client

ROOT = Path(__file__).parents[3]


async def test_certificates_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many clients there are, by the first that needs them; each checks whom it speaks with."""
    read: list[str | None] = []
    real = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda **files: read.append("") or real(**files))
    certificates.cache_clear()
    unused, used = client(trust_env=False), client(trust_env=False, timeout=5)
    assert not read
    for _ in range(2):
        with pytest.raises(httpx.ConnectError):
            await used.get("https://127.0.0.1:9")
    assert len(read) == 1
    for one in [unused, used, client()]:
        await one.aclose()
    assert len(read) == 1
    assert certificates().verify_mode is ssl.CERT_REQUIRED
    assert certificates().check_hostname


def test_no_second_http_library_is_imported() -> None:
    """Neither requests nor urllib3, nor httpx's own before it is needed."""
    code = (
        "import sys; from shared.gcp.own_account import TokenRequest; from shared.gcp.rest import client\n"
        "TokenRequest(); client(trust_env=False)\n"
        "assert not {'httpcore', 'requests', 'urllib3'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={}, check=True, timeout=60)  # noqa: S603 - ours
