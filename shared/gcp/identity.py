"""Identity's checks on Google's clients, put together once for the functions that only check."""

from typing import TYPE_CHECKING

import httpx

from shared.gcp import clients
from shared.gcp.drive_grants import FirestoreGrants
from shared.gcp.drive_rights import DriveRights
from shared.gcp.firestore_sessions import FirestoreSessions
from shared.gcp.oidc import Discovery, HttpOpenIdProvider, PublishedKeys
from shared.gcp.secrets import SecretManagerSecrets
from shared.identity.access import Access
from shared.identity.callers import CallerVerifier
from shared.identity.grants import DriveGrants
from shared.identity.sealing import Sealer
from shared.identity.sessions import SessionVerifier
from shared.settings import (
    AuthSettings,
    DriveSettings,
    FirestoreSettings,
    ProjectSettings,
    SearchSettings,
    SecretsSettings,
    SessionSettings,
)

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient


def session_verifier(db: "AsyncClient", store: FirestoreSettings) -> SessionVerifier:
    """Who is asking, by the public keys that auth publishes."""
    settings = SessionSettings()
    keys = PublishedKeys(_http(), settings.auth_jwks_url, "ES256", settings.jwks_timeout)
    return SessionVerifier(keys, FirestoreSessions(db, store.timeout), settings.frontend_url.rstrip("/"))


def caller_verifier() -> CallerVerifier:
    """Which service account is calling, by the keys that Google publishes."""
    settings = SessionSettings()
    http = _http()
    discovery = Discovery(http, settings.google_issuer, settings.jwks_timeout)
    keys = PublishedKeys(http, discovery.jwks_uri, "RS256", settings.jwks_timeout)
    return CallerVerifier(keys, settings.google_issuer)


def file_access(db: "AsyncClient", project: ProjectSettings, store: FirestoreSettings) -> Access:
    """Who may read which file, asked of Drive with the asker's own grant."""
    settings = SecretsSettings()
    secrets = SecretManagerSecrets(clients.secrets(settings), project.google_cloud_project, settings)
    provider = HttpOpenIdProvider(_http(), AuthSettings(), secrets, settings)
    sealer = Sealer(secrets, settings.sealing_keys)
    grants = DriveGrants(FirestoreGrants(db, store.timeout), sealer, provider)
    return Access(grants, DriveRights(DriveSettings()), SearchSettings().access_memory)


def _http() -> httpx.AsyncClient:
    """Proxies of the environment are not for calls that decide who may read what."""
    return httpx.AsyncClient(trust_env=False)
