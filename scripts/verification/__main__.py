"""Looks once at the real project for what no laptop can confirm, and writes the settings that follow."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

from scripts.deployment.__main__ import Stopped, access_token
from scripts.deployment.cloud import Cloud, Unreachable
from scripts.recovery.__main__ import TERRAFORM, Unknown, deployed
from scripts.verification import drive, entrance, index, models
from scripts.verification.deployment import Deployment
from scripts.verification.findings import FILE, Finding, not_seen, written
from shared.gcp import clients
from shared.settings import GenAISettings, ProjectSettings

Check = Callable[[Deployment], AsyncIterator[Finding]]
CHECKS: tuple[Check, ...] = (
    entrance.addresses,
    entrance.streams,
    entrance.headers,
    entrance.services,
    entrance.spans,
    models.generation,
    models.embedding,
    models.ranking,
    index.vector_search,
    index.billed,
    drive.push,
    drive.tokens,
    drive.quota,
)


def main() -> int:
    """Look, print a line or more a check, write the file; 1 when something is otherwise than assumed."""
    arguments = _arguments()
    try:
        os.environ.update(deployed(arguments.project, arguments.prefix))
        outputs = _outputs()
        there = Deployment(
            project=arguments.project,
            region=outputs["region"],
            prefix=arguments.prefix,
            address=outputs["address"],
            session=os.environ.get("DOCENT_SESSION", ""),
            cloud=Cloud(arguments.project, access_token()),
            models=clients.models(ProjectSettings(), GenAISettings()),
        )
        findings = asyncio.run(verify(there))
    except (Unknown, Stopped, Unreachable) as error:
        print(error, file=sys.stderr)
        return 1
    settings = written(findings)
    print(f"\nterraform/{FILE.name} has {len(settings)} settings; the next make deploy sets them. Commit it.")
    return 1 if any(one.verdict == "otherwise" for one in findings) else 0


async def verify(there: Deployment, checks: tuple[Check, ...] = CHECKS) -> list[Finding]:
    """Every finding, printed as it comes; a check that breaks hides no other."""
    findings = []
    for check in checks:
        try:
            async for finding in check(there):
                findings.append(finding)
                print(finding)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are looked at
            findings.append(not_seen(check.__name__, f"{type(error).__name__}: {error}"))
            print(findings[-1])
    return findings


def _outputs() -> dict[str, Any]:
    words = ["terraform", "output", "-json"]
    ran = subprocess.run(words, cwd=TERRAFORM, capture_output=True, text=True, check=True, timeout=300)  # noqa: S603
    return {name: one["value"] for name, one in json.loads(ran.stdout).items()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/verify-deployment", description=__doc__)
    parser.add_argument("--project", required=True)
    parser.add_argument("--prefix", default="docent")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
