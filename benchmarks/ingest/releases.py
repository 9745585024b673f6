"""Documents with all their versions, from what two long-lived projects released: Flask and Werkzeug.

People write their manuals, over years, and each release's source package holds them (docs/**/*.rst and
CHANGES.rst, BSD licence). The packages are fetched once, with pip, into a folder of the benchmark's own; the
venv of the other readers has what pip needs to look at them without building each in a place of its own.
"""

import subprocess
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.documents.rivals import CHECKOUT, NotInstalled, rivals_python

FOLDER = CHECKOUT / ".docent" / "bench" / "histories"
RELEASES = {
    "flask": ("2.3.3", "3.0.0", "3.0.1", "3.0.2", "3.0.3", "3.1.0", "3.1.1", "3.1.2", "3.1.3"),
    "werkzeug": (
        "2.3.7", "2.3.8", "3.0.0", "3.0.1", "3.0.2", "3.0.3", "3.0.4", "3.0.5", "3.0.6", "3.1.0", "3.1.1",
        "3.1.2", "3.1.3", "3.1.4", "3.1.5", "3.1.6", "3.1.7", "3.1.8", "3.1.9",
    ),
}  # fmt: skip
"""The oldest first."""
DOWNLOAD_SECONDS = 600


def histories() -> Iterator[tuple[str, list[str]]]:
    """Each document that has had more than one version, with its texts. Raises NotInstalled."""
    for project, releases in RELEASES.items():
        versions: dict[str, list[str]] = defaultdict(list)
        for release in releases:
            for name, text in _documents(_package(project, release)):
                if not versions[name] or versions[name][-1] != text:
                    versions[name].append(text)
        yield from ((f"{project}/{name}", texts) for name, texts in versions.items() if len(texts) > 1)


def _documents(package: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(package) as archive:
        for member in archive:
            name = member.name.partition("/")[2]
            if member.isfile() and name.endswith(".rst") and (name.startswith("docs/") or "/" not in name):
                file = archive.extractfile(member)
                if file is not None:
                    yield name, file.read().decode("utf-8", "replace")


def _package(project: str, release: str) -> Path:
    """The source package of a release, fetched when it is not there."""
    folder = FOLDER / f"{project}-{release}"
    if not any(folder.glob("*.tar.gz")):
        command = [rivals_python(), "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        command += ["--no-deps", "--no-build-isolation", "--no-binary", ":all:"]
        command += ["--dest", str(folder), f"{project}=={release}"]
        try:
            subprocess.run(  # noqa: S603 - our own words
                command,
                check=True,
                capture_output=True,
                timeout=DOWNLOAD_SECONDS,
            )
        except (subprocess.SubprocessError, OSError) as error:
            raise NotInstalled(f"{project} {release} could not be fetched: {error}") from None
    return next(folder.glob("*.tar.gz"))
