"""Which class fills which role in the auth function."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from shared import log
from shared.errors import AppError
from shared.gcp import clients, limits
from shared.gcp.drive_grants import FirestoreGrants
from shared.gcp.firebase_tokens import FirebaseAdminTokens
from shared.gcp.firestore_audit import FirestoreAudit
from shared.gcp.firestore_personal import personal_stores
from shared.gcp.firestore_receipts import FirestoreReceipts
from shared.gcp.firestore_sessions import FirestoreLoginStates, FirestoreSessions
from shared.gcp.firestore_users import FirestoreUsers
from shared.gcp.observing import reporter
from shared.gcp.oidc import HttpOpenIdProvider
from shared.gcp.rest import client
from shared.gcp.secrets import SecretManagerSecrets
from shared.identity.admission import Admission
from shared.identity.audit import Trail
from shared.identity.doctor import Doctor, Setup
from shared.identity.erasure import Erasure, GrantErasure
from shared.identity.firebase import FirebaseSignIn
from shared.identity.grants import DriveGrants
from shared.identity.interfaces import BadSecret, PersonalStore
from shared.identity.keyring import SigningKeys
from shared.identity.people import People
from shared.identity.reception import Reception
from shared.identity.sealing import Sealer
from shared.identity.sessions import Sessions, SessionVerifier
from shared.identity.signin import SignIn
from shared.identity.tokens import TokenSigner, TokenVerifier
from shared.limits.admission import Admissions
from shared.limits.bookkeeper import Bookkeeper
from shared.observing.reporter import Reporter
from shared.settings import (
    AccessSettings,
    AuthSettings,
    FirebaseSettings,
    FirestoreSettings,
    ProjectSettings,
    SecretsSettings,
    SessionSettings,
    WebSettings,
    refuse_emulators_when_deployed,
)
from shared.web.guard import Guard, origin_of

_HOUR = 3600.0
_log = log.get_logger("auth")


@dataclass(frozen=True)
class Services:
    """What the handlers of auth call. `home` is the address of the front page, without a slash at its end.

    `firebase` is None while no Firebase project is set.
    """

    signin: SignIn
    firebase: FirebaseSignIn | None
    sessions: Sessions
    verifier: SessionVerifier
    keys: SigningKeys
    grants: DriveGrants
    people: People
    erasure: Erasure
    stores: Sequence[PersonalStore]
    doctor: Doctor
    trail: Trail
    web: WebSettings
    home: str
    admissions: Admissions | None = None
    bookkeeper: Bookkeeper | None = None
    reporter: Reporter | None = None

    @property
    def secure(self) -> bool:
        """Whether the browser reaches Docent over TLS, so that cookies are for TLS only."""
        return urlsplit(self.home).scheme == "https"

    async def ready(self) -> None:
        """Raises BadSecret, naming it, while a secret is missing, a placeholder or too short.

        A secret that cannot be read right now stops nobody here: whoever needs it says so.
        """
        try:
            await self.signin.ready()
        except BadSecret as error:
            _log.critical("start.refused", reason=error.detail)
            raise
        except AppError as error:
            _log.warning("secrets.unreadable", code=error.code)


@dataclass(frozen=True)
class _Outside:
    """The adapters that several services share."""

    db: Any
    timeout: float
    secrets: SecretManagerSecrets
    names: SecretsSettings
    settings: AuthSettings
    trail: Trail

    @property
    def home(self) -> str:
        return self.settings.frontend_url.rstrip("/")


def build_services() -> Services:
    """Read the environment and put the function together. Raises Misconfigured."""
    refuse_emulators_when_deployed()
    outside = _outside()
    settings, trail, home = outside.settings, outside.trail, outside.home
    keys = SigningKeys(outside.secrets, outside.names.session_keys)
    signer, store = TokenSigner(keys, home), FirestoreSessions(outside.db, outside.timeout)
    lifetimes = settings.token_expiry_hours * _HOUR, settings.refresh_token_expiry_days * 24 * _HOUR
    sessions = Sessions(store, signer, trail, *lifetimes)
    users = FirestoreUsers(outside.db, outside.timeout)
    provider = HttpOpenIdProvider(client(trust_env=False), settings, outside.secrets, outside.names)
    sealer = Sealer(outside.secrets, outside.names.sealing_keys)
    grants = DriveGrants(FirestoreGrants(outside.db, outside.timeout), sealer, provider)
    receipts = FirestoreReceipts(outside.db, outside.timeout)
    stores = personal_stores(outside.db, outside.timeout, GrantErasure(grants, receipts))
    erasure = Erasure(users, stores, receipts, trail)
    admission = Admission(settings.allowed_domains, settings.admin_emails)
    reception = Reception(users, sessions, admission, erasure, trail)
    states = FirestoreLoginStates(outside.db, outside.timeout)
    books = limits.bookkeeper(outside.db, FirestoreSettings())
    return Services(
        signin=SignIn(
            provider,
            states,
            reception,
            grants,
            signer,
            TokenVerifier(keys, home),
            with_drive=AccessSettings().file_rights == "drive",
        ),
        firebase=_firebase(reception),
        sessions=sessions,
        verifier=SessionVerifier(keys, store, home, trail),
        keys=keys,
        grants=grants,
        people=People(users, sessions, trail),
        erasure=erasure,
        stores=stores,
        doctor=Doctor(_setup(settings), provider, keys, grants, store, trail, erasure),
        trail=trail,
        web=WebSettings(),
        home=home,
        admissions=limits.admissions(outside.db, asks=False),
        bookkeeper=books,
        reporter=reporter("auth", outside.db, FirestoreSettings(), books),
    )


def build_guard(services: Services) -> Guard:
    """Who may call: people with a session; unsafe requests only from our own pages and CORS_ORIGINS."""
    origins = [origin_of(services.home), *SessionSettings().cors_origins]
    return Guard(
        people=services.verifier,
        origins=frozenset(origins),
        ready=services.ready,
        admissions=services.admissions,
        trusted_hops=services.web.trusted_proxy_hops,
    )


def _outside() -> _Outside:
    project, database, names = ProjectSettings(), FirestoreSettings(), SecretsSettings()
    settings = AuthSettings()
    db = clients.firestore(project, database)
    secrets = SecretManagerSecrets(project.google_cloud_project, names)
    trail = Trail(FirestoreAudit(db, database.timeout), secrets, names.audit_keys)
    return _Outside(db, database.timeout, secrets, names, settings, trail)


def _firebase(reception: Reception) -> FirebaseSignIn | None:
    settings = FirebaseSettings()
    if not settings.firebase_project:
        return None
    return FirebaseSignIn(FirebaseAdminTokens(settings), reception, settings.firebase_app_check)


def _setup(settings: AuthSettings) -> Setup:
    home = settings.frontend_url.rstrip("/")
    return Setup(
        home=home,
        redirect_uri=settings.oauth_redirect_uri,
        client_id=settings.google_client_id,
        domains=tuple(settings.allowed_domains),
        admins=len(settings.admin_emails),
        origins=tuple(dict.fromkeys([origin_of(home), *SessionSettings().cors_origins])),
    )
