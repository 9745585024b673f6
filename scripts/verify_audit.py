"""Reads the whole audit trail: exit 0 when its chain holds, 1 with the first broken link, 2 when unreadable.

Runs where the settings of the health function are set: GOOGLE_CLOUD_PROJECT and, where they differ from
their defaults, FIRESTORE_DATABASE and SECRETS_AUDIT_KEYS.
"""

import argparse
import asyncio
import sys

from shared.errors import AppError
from shared.gcp import clients
from shared.gcp.identity import audit_reader
from shared.identity.audit_reading import Verdict
from shared.settings import FirestoreSettings, ProjectSettings


def main() -> int:
    """Verify, print one sentence, return the exit code."""
    parser = argparse.ArgumentParser(description="Verify the audit trail.")
    parser.add_argument(
        "--anchor",
        metavar="NUMBER:HASH",
        help="an entry as the log has it (event audit.linked): the chain must still hold it",
    )
    arguments = parser.parse_args()
    number, _, digest = (arguments.anchor or "0:").partition(":")
    anchor = (int(number), digest) if arguments.anchor else None
    try:
        verdict = asyncio.run(_verdict(anchor))
    except AppError as error:
        print(f"cannot verify: {error.detail}", file=sys.stderr)
        return 2
    if verdict.broken:
        print(f"broken at entry {verdict.broken.seq}: {verdict.broken.why}")
        return 1
    print(
        f"{verdict.entries} entries hold, head {verdict.head or 'empty'}; {verdict.waiting} wait to be linked"
    )
    return 0


async def _verdict(anchor: tuple[int, str] | None) -> Verdict:
    store = FirestoreSettings()
    return await audit_reader(clients.firestore(ProjectSettings(), store), store).verify(anchor)


if __name__ == "__main__":
    sys.exit(main())
