"""Identity's checks on Google's clients, put together once for the functions that only check."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from shared.gcp.drive_grants import FirestoreGrants
from shared.gcp.drive_rights import DriveRights
from shared.gcp.firestore_audit import FirestoreAudit
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_folders import FirestoreMemberships
from shared.gcp.firestore_sessions import FirestoreSessions
from shared.gcp.oidc import Discovery, HttpOpenIdProvider, PublishedKeys
from shared.gcp.recorded_rights import FirestoreFolderRights, FirestoreRights
from shared.gcp.rest import client
from shared.gcp.secrets import SecretManagerSecrets
from shared.gcp.tracing import hooks
from shared.identity.access import Access
from shared.identity.audit import Trail
from shared.identity.audit_reading import AuditReader
from shared.identity.callers import CallerVerifier
from shared.identity.downloads import DriveDownloads, RecordedDownloads
from shared.identity.explanation import Explainer
from shared.identity.grants import DriveGrants
from shared.identity.recorded import RecordedAccess
from shared.identity.sealing import Sealer
from shared.identity.sessions import SessionVerifier
from shared.settings import (
    AccessSettings,
    AuthSettings,
    DriveSettings,
    FirestoreSettings,
    ProjectSettings,
    SearchSettings,
    SecretsSettings,
    SessionSettings,
)


def session_verifier(db: Database, store: FirestoreSettings) -> SessionVerifier:
    """Who is asking, by the public keys that auth publishes; what people are denied goes to the trail."""
    settings = SessionSettings()
    keys = PublishedKeys(_http(), settings.auth_jwks_url, "ES256", settings.jwks_timeout)
    sessions = FirestoreSessions(db, store.timeout)
    return SessionVerifier(keys, sessions, settings.frontend_url.rstrip("/"), audit_trail(db, store))


def own_secrets(settings: SecretsSettings) -> SecretManagerSecrets:
    """The secrets of this project."""
    return SecretManagerSecrets(ProjectSettings().google_cloud_project, settings)


def audit_trail(db: Database, store: FirestoreSettings) -> Trail:
    """The audit trail."""
    settings = SecretsSettings()
    return Trail(FirestoreAudit(db, store.timeout), own_secrets(settings), settings.audit_keys)


def audit_reader(db: Database, store: FirestoreSettings) -> AuditReader:
    """What the audit trail says, and whether it holds."""
    return AuditReader(FirestoreAudit(db, store.timeout), audit_trail(db, store))


def caller_verifier() -> CallerVerifier:
    """Which service account is calling, by the keys that Google publishes."""
    settings = SessionSettings()
    http = _http()
    discovery = Discovery(http, settings.google_issuer, settings.jwks_timeout)
    keys = PublishedKeys(http, discovery.jwks_uri, "RS256", settings.jwks_timeout)
    return CallerVerifier(keys, settings.google_issuer)


@dataclass(frozen=True)
class Rights:
    """Who may read which file and open which folder, and where a file can be downloaded."""

    files: Access | RecordedAccess
    folders: Access | RecordedAccess
    downloads: DriveDownloads | RecordedDownloads


def rights(db: Database, project: ProjectSettings, store: FirestoreSettings) -> Rights:
    """Asked of Drive with the asker's own grant, or as recorded, by setting."""
    if AccessSettings().file_rights == "recorded":
        groups = FirestoreMemberships(db, store.timeout)
        return Rights(
            RecordedAccess(FirestoreRights(db, store.timeout), groups),
            RecordedAccess(FirestoreFolderRights(db, store.timeout), groups),
            RecordedDownloads(),
        )
    settings = SecretsSettings()
    secrets = SecretManagerSecrets(project.google_cloud_project, settings)
    provider = HttpOpenIdProvider(_http(), AuthSettings(), secrets, settings)
    sealer = Sealer(secrets, settings.sealing_keys)
    grants = DriveGrants(FirestoreGrants(db, store.timeout), sealer, provider)
    settled = DriveSettings()
    drive = DriveRights(settled)
    access = Access(grants, drive, SearchSettings().access_memory)
    home = urlsplit(settled.drive_url)
    return Rights(access, access, DriveDownloads(grants, drive, f"{home.scheme}://{home.netloc}"))


def explainer(db: Database, store: FirestoreSettings, access: Access | RecordedAccess) -> Explainer:
    """Why somebody can or cannot read a file."""
    decided_by = "records" if isinstance(access, RecordedAccess) else "drive"
    return Explainer(
        access, FirestoreRights(db, store.timeout), FirestoreMemberships(db, store.timeout), decided_by
    )


def _http() -> httpx.AsyncClient:
    """Proxies of the environment are not for calls that decide who may read what."""
    return client(trust_env=False, event_hooks=hooks("sign-in"))
