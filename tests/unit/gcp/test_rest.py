"""What HTTP clients share."""

import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from shared.gcp.rest import certificates, client

ROOT = Path(__file__).parents[3]


async def test_certificates_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many clients there are, and each checks whom it speaks with."""
    read: list[str | None] = []
    real = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda **files: read.append("") or real(**files))
    certificates.cache_clear()
    for one in [client(trust_env=False), client(timeout=5)]:
        await one.aclose()
    assert len(read) == 1
    assert certificates().verify_mode is ssl.CERT_REQUIRED
    assert certificates().check_hostname


def test_no_second_http_library_is_imported() -> None:
    """Neither requests nor urllib3."""
    code = (
        "import sys; from shared.gcp.own_account import TokenRequest; from shared.gcp.rest import client\n"
        "TokenRequest(); client()\n"
        "assert not {'requests', 'urllib3'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={}, check=True, timeout=60)  # noqa: S603 - ours
