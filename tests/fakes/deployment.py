"""A deployment as scripts/verify-deployment looks at it, and Google's REST APIs that say one thing."""

from dataclasses import replace
from typing import Any

import httpx

from scripts.deployment.cloud import Cloud
from scripts.verification.__main__ import Check
from scripts.verification.deployment import Deployment
from scripts.verification.findings import Finding

PROJECT = "docent-check"


def answering(body: dict[str, Any], status: int = 200) -> Cloud:
    """Google's REST APIs, which say this to whatever they are asked."""
    return Cloud(PROJECT, "t", httpx.MockTransport(lambda _: httpx.Response(status, json=body)))


def deployment(address: str = "http://127.0.0.1:9", **others: Any) -> Deployment:
    """A deployment at an address, looked at by an administrator."""
    there = Deployment(PROJECT, "us-central1", "docent", address, "session", answering({}))
    return replace(there, **others)


async def found(check: Check, there: Deployment) -> dict[str, Finding]:
    """The findings of a check by what they are about."""
    return {one.about: one async for one in check(there)}
