"""The function's own account, where nobody gives one."""

from pathlib import Path

import pytest

from shared.errors import Unavailable
from shared.gcp import clients


def test_an_account_that_cannot_be_had_now_is_no_failure_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """While the metadata server does not answer, a request hears 503 and when to come again."""
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    with pytest.raises(Unavailable):
        clients.credentials(["https://www.googleapis.com/auth/cloud-platform"])
