"""Deploys Docent: preflight, plan, apply, secrets, page, smoke test; then says what is left to a person."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import google.auth
import httpx
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request

from scripts.deployment.cloud import Cloud, Unreachable
from scripts.deployment.keys import NotKept, fill
from scripts.deployment.preflight import preflight
from scripts.deployment.wanted import Wanted, read_variables

ROOT = Path(__file__).parents[2]
TERRAFORM = ROOT / "terraform"
_SMOKE_SECONDS = 300.0
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class Stopped(Exception):
    """The deployment cannot go on; the sentence says why and what mends it."""


def main() -> int:
    """Deploy; 1 with a sentence when something is missing or fails."""
    arguments = _arguments()
    wanted = Wanted(
        project=arguments.project,
        profile=arguments.profile,
        region=arguments.region,
        prefix=arguments.prefix,
        variables=read_variables(TERRAFORM / "docent.tfvars"),
        client_secret=os.environ.get("OAUTH_CLIENT_SECRET", ""),
    )
    try:
        here(wanted)
        cloud = Cloud(wanted.project, access_token())
        look(cloud, wanted)
        if arguments.preflight:
            return 0
        _deploy(cloud, wanted, sure=arguments.yes)
    except (Stopped, Unreachable, NotKept) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def here(wanted: Wanted) -> None:
    """Raise Stopped for what is missing on this machine."""
    missing = [
        "terraform/docent.tfvars: cp terraform/docent.tfvars.example terraform/docent.tfvars, and edit it"
    ]
    missing = [] if wanted.variables else missing
    programs = {"terraform": "https://developer.hashicorp.com/terraform/install"}
    if wanted.entrance == "hosting":
        programs["npx"] = "Node 20 or newer, for firebase-tools"
    missing += [f"{name}: {where}" for name, where in programs.items() if not shutil.which(name)]
    if missing:
        raise Stopped("Missing on this machine:\n" + "\n".join(f"  {one}" for one in missing))


def look(cloud: Cloud, wanted: Wanted) -> None:
    """Print the preflight. Raises Stopped when anything is missing, Unreachable."""
    findings = []
    for finding in preflight(cloud, wanted):
        print(finding)
        findings.append(finding)
    missing = [one.about for one in findings if one.state == "missing"]
    if missing:
        raise Stopped(f"Nothing was changed. Missing: {'; '.join(missing)}. Each fix is above.")


def make_state_bucket(cloud: Cloud, wanted: Wanted) -> None:
    """The bucket of Terraform's state, versioned and closed to the public. Raises Stopped, Unreachable."""
    if cloud.get("storage", f"storage/v1/b/{wanted.state_bucket}").ok:
        return
    locked = {"uniformBucketLevelAccess": {"enabled": True}, "publicAccessPrevention": "enforced"}
    bucket = {"name": wanted.state_bucket, "location": wanted.region, "iamConfiguration": locked}
    bucket["versioning"] = {"enabled": True}
    answer = cloud.post("storage", f"storage/v1/b?project={wanted.project}", bucket)
    if not answer.ok:
        raise Stopped(f"The bucket {wanted.state_bucket} for Terraform's state: {answer.message}")


def smoke(url: str, seconds: float = _SMOKE_SECONDS, pause: float = 5.0) -> None:
    """Return when GET `url` answers 200; raise Stopped with the last answer after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = httpx.get(url, timeout=30)
            saw = f"{answer.status_code} {answer.text[:300]}"
        except httpx.HTTPError as error:
            saw = repr(error)
        else:
            if answer.status_code == httpx.codes.OK:
                return
        if time.monotonic() > deadline:
            raise Stopped(f"{url} does not answer 200: {saw}. See docs/operations.md#unreachable.")
        time.sleep(pause)


def _deploy(cloud: Cloud, wanted: Wanted, *, sure: bool) -> None:
    make_state_bucket(cloud, wanted)
    _run(str(ROOT / "scripts/package"))
    state = [f"-backend-config=bucket={wanted.state_bucket}", "-backend-config=prefix=terraform"]
    _terraform("init", "-input=false", "-lockfile=readonly", "-reconfigure", *state)
    given = {
        "project": wanted.project,
        "profile": wanted.profile,
        "region": wanted.region,
        "prefix": wanted.prefix,
    }
    variables = [word for name, value in given.items() for word in ("-var", f"{name}={value}")]
    _terraform("plan", "-input=false", "-var-file=docent.tfvars", "-out=deploy.tfplan", *variables)
    if not sure and input("Apply this plan? Type yes: ") != "yes":
        raise Stopped("Nothing was changed.")
    _terraform("apply", "-input=false", "deploy.tfplan")
    outputs = _outputs()
    for line in fill(cloud, outputs["secrets"], wanted.client_secret):
        print(line)
    if outputs.get("firebase_json"):
        (ROOT / "firebase.json").write_text(outputs["firebase_json"] + "\n", encoding="utf-8")
        _run("npx", "--yes", "firebase-tools@14", "deploy", "--only", "hosting", "--project", wanted.project)
    print(f"\nRegister this redirect URI at the OAuth client:\n  {outputs['oauth_redirect_uri']}\n")
    smoke(outputs["smoke_url"])
    print(f"Docent answers at {outputs['address']}. Left to do:")
    for step in outputs["next_steps"]:
        print(f"  - {step}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/deploy", description=__doc__)
    parser.add_argument("--project", required=True)
    parser.add_argument("--profile", choices=["economy", "standard", "scale"], default="economy")
    parser.add_argument("--region", default="us-central1")
    parser.add_argument("--prefix", default="docent")
    parser.add_argument("--preflight", action="store_true", help="look only, change nothing")
    parser.add_argument("--yes", action="store_true", help="apply without asking")
    return parser.parse_args()


def access_token() -> str:
    """An access token of whom Terraform will be, too. Raises Stopped."""
    try:
        credentials, _ = google.auth.default(scopes=[_SCOPE])
        credentials.refresh(Request())  # type: ignore[no-untyped-call]
    except GoogleAuthError as error:
        raise Stopped(f"Nobody is signed in: {error}. gcloud auth application-default login") from None
    return str(credentials.token)


def _outputs() -> dict[str, Any]:
    words = ["terraform", "output", "-json"]
    ran = subprocess.run(words, cwd=TERRAFORM, capture_output=True, text=True, check=True, timeout=300)  # noqa: S603
    return {name: one["value"] for name, one in json.loads(ran.stdout).items()}


def _terraform(*words: str) -> None:
    _run("terraform", *words, folder=TERRAFORM)


def _run(*words: str, folder: Path = ROOT) -> None:
    """Raises Stopped when it fails; what it says is on the screen."""
    ended = subprocess.run(words, cwd=folder, check=False)  # noqa: S603 - our own words
    if ended.returncode:
        raise Stopped(f"{' '.join(words[:2])} ended with {ended.returncode}; see above.")


if __name__ == "__main__":
    sys.exit(main())
