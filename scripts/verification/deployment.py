"""The deployment that is looked at: its address for people, its settings, and Google's services."""

from dataclasses import dataclass

import httpx

from scripts.deployment.cloud import Cloud
from shared.gcp.vertex_models import VertexModels

SECONDS = 90.0
"""For one request: a cold start and a whole answer."""


@dataclass(frozen=True)
class Deployment:
    """`session` is an administrator's cookie, "" when nobody gave one; `cloud` Google's REST APIs."""

    project: str
    region: str
    prefix: str
    address: str
    session: str
    cloud: Cloud
    models: VertexModels | None = None
    """The models of the project."""

    def people(self) -> httpx.AsyncClient:
        """A browser's client at the address for people, signed in where a session was given."""
        cookie = {"Cookie": f"__session={self.session}"} if self.session else {}
        return httpx.AsyncClient(base_url=self.address, timeout=SECONDS, headers=cookie)
