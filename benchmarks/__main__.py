"""`make bench` or `python -m benchmarks NAME`: what needs no data but the sample Drive."""

import subprocess
import sys

SECTIONS = {
    "cold_start": ["benchmarks.cold_start"],
    "cost": ["benchmarks.cost"],
    "identity": ["benchmarks.identity"],
    "limits": ["benchmarks.limits"],
    "observing": ["benchmarks.observing"],
    "edits": ["benchmarks.ingest.edits"],
    "revocation": ["benchmarks.ingest.revocation"],
    "documents": ["benchmarks.documents.extraction", "local/demo/files"],
}


LONG = {"throughput": ["benchmarks.ingest.throughput"], "parsing": ["benchmarks.documents.parsing"]}
"""Those that are run only when they are named: they install others' packages, and take long."""


def main() -> int:
    """Run the named sections, or all but the long ones; returns an exit code."""
    names = sys.argv[1:] or list(SECTIONS)
    known = SECTIONS | LONG
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in names:
        print(f"== {name}", flush=True)
        subprocess.run([sys.executable, "-m", *known[name]], check=True)  # noqa: S603 - ours
    return 0


if __name__ == "__main__":
    sys.exit(main())
