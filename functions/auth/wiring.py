"""Which class fills which role in the auth function."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from shared.gcp import clients
from shared.gcp.drive_grants import FirestoreGrants
from shared.gcp.firestore_sessions import FirestoreLoginStates, FirestoreSessions
from shared.gcp.firestore_users import FirestoreUsers
from shared.gcp.oidc import HttpOpenIdProvider
from shared.gcp.secrets import SecretManagerSecrets
from shared.identity.admission import Admission
from shared.identity.grants import DriveGrants
from shared.identity.keyring import SigningKeys
from shared.identity.sealing import Sealer
from shared.identity.sessions import Sessions, SessionVerifier
from shared.identity.signin import SignIn
from shared.identity.tokens import TokenSigner, TokenVerifier
from shared.settings import (
    AuthSettings,
    FirestoreSettings,
    ProjectSettings,
    SecretsSettings,
    SessionSettings,
    refuse_emulators_when_deployed,
)
from shared.web.guard import Guard, origin_of

_HOUR = 3600.0
"""Days that a session lives without being refreshed."""


@dataclass(frozen=True)
class Services:
    """What the handlers of auth call. `home` is the address of the front page, without a slash at its end."""

    signin: SignIn
    sessions: Sessions
    verifier: SessionVerifier
    keys: SigningKeys
    home: str

    @property
    def secure(self) -> bool:
        """Whether the browser reaches Docent over TLS, so that cookies are for TLS only."""
        return urlsplit(self.home).scheme == "https"


def build_services() -> Services:
    """Read the environment and put the function together. Raises Misconfigured."""
    refuse_emulators_when_deployed()
    project, database, settings, secrets_settings = (
        ProjectSettings(),
        FirestoreSettings(),
        AuthSettings(),
        SecretsSettings(),
    )
    db = clients.firestore(project, database)
    secrets = SecretManagerSecrets(
        clients.secrets(secrets_settings), project.google_cloud_project, secrets_settings
    )
    keys = SigningKeys(secrets, secrets_settings.session_keys)
    home = settings.frontend_url.rstrip("/")
    signer = TokenSigner(keys, home)
    store = FirestoreSessions(db, database.timeout)
    sessions = Sessions(
        store, signer, settings.token_expiry_hours * _HOUR, settings.refresh_token_expiry_days * 24 * _HOUR
    )
    provider = HttpOpenIdProvider(httpx.AsyncClient(trust_env=False), settings, secrets, secrets_settings)
    sealer = Sealer(secrets, secrets_settings.sealing_keys)
    signin = SignIn(
        provider=provider,
        states=FirestoreLoginStates(db, database.timeout),
        users=FirestoreUsers(db, database.timeout),
        sessions=sessions,
        grants=DriveGrants(FirestoreGrants(db, database.timeout), sealer, provider),
        admission=Admission(settings.allowed_domains, settings.admin_emails),
        signer=signer,
        verifier=TokenVerifier(keys, home),
    )
    return Services(signin, sessions, SessionVerifier(keys, store, home), keys, home)


def build_guard(services: Services) -> Guard:
    """Who may call: people with a session; unsafe requests only from our own pages and CORS_ORIGINS."""
    origins = [origin_of(services.home), *SessionSettings().cors_origins]
    return Guard(people=services.verifier, origins=frozenset(origins))
