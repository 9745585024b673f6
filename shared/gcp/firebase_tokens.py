"""What Firebase issues, verified by firebase-admin: ID tokens and App Check tokens."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from shared.errors import Timeout, Unavailable
from shared.identity.interfaces import BadToken
from shared.settings import FirebaseSettings

Result = TypeVar("Result")
_MAX_BYTES = 8192
_SKEW = 30


class FirebaseAdminTokens:
    """FirebaseTokens on firebase-admin, which is imported at the first token: it is no part of a cold start.

    `credential` is what asks about revocation, the function's own by default. The library blocks, so each
    call has a thread. Its emulator mode checks no signatures and is not used:
    addresses of stand-ins come from settings, and the same checks run against them.
    """

    def __init__(self, settings: FirebaseSettings, credential: Any = None) -> None:
        self._settings, self._credential = settings, credential
        self._made: tuple[Any, Any] | None = None
        self._lock = threading.Lock()

    async def identity(self, id_token: str) -> Mapping[str, Any]:
        """Signature, audience, issuer, expiry; then Firebase is asked whether it was revoked or disabled."""
        if not id_token or len(id_token) > _MAX_BYTES:
            raise BadToken("not a token, or too long")
        claims = await self._in_thread(lambda: self._verified(id_token))
        return dict(claims)

    async def app(self, token: str) -> None:
        """Signature, issuer, audience, expiry (App Check keys are remembered for six hours)."""
        if not token or len(token) > _MAX_BYTES:
            raise BadToken("no App Check token, or too long")
        await self._in_thread(lambda: self._app_verified(token))

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        try:
            async with asyncio.timeout(self._settings.firebase_timeout * 2):
                return await asyncio.to_thread(work)
        except TimeoutError:
            raise Timeout("Firebase did not answer in time.", retry_after=5) from None

    def _verified(self, id_token: str) -> dict[str, Any]:
        from firebase_admin import auth, exceptions
        from google.auth.exceptions import GoogleAuthError

        try:
            claims: dict[str, Any] = self._client().verify_id_token(
                id_token, check_revoked=True, clock_skew_seconds=_SKEW
            )
        except auth.CertificateFetchError:
            raise Unavailable("Firebase's keys cannot be had.", retry_after=5) from None
        except (
            auth.InvalidIdTokenError,  # expired and revoked are kinds of it
            auth.UserDisabledError,
            auth.UserNotFoundError,
            ValueError,
        ) as error:
            raise BadToken(f"Firebase: {type(error).__name__}") from None
        except (exceptions.FirebaseError, GoogleAuthError, OSError) as error:
            raise Unavailable("Firebase cannot be reached.", retry_after=5) from error
        return claims

    def _app_verified(self, token: str) -> None:
        import jwt
        from firebase_admin import app_check

        try:
            app_check.verify_token(token, self._app())
        except jwt.PyJWKClientConnectionError:
            raise Unavailable("App Check's keys cannot be had.", retry_after=5) from None
        except (ValueError, jwt.PyJWTError) as error:
            raise BadToken(f"App Check: {type(error).__name__}") from None

    def _app(self) -> Any:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made[0]

    def _client(self) -> Any:
        self._app()
        assert self._made is not None  # noqa: S101 - made a line above
        return self._made[1]

    def _make(self) -> tuple[Any, Any]:
        """firebase-admin's app, and its client pointed at the addresses of the settings.

        The library has no switch for them but its emulator mode, which believes unsigned tokens.
        tests/contract holds that they are still where they are.
        """
        import firebase_admin
        from firebase_admin import app_check, auth
        from jwt import PyJWKClient

        settings, seconds = self._settings, self._settings.firebase_timeout
        options = {"projectId": settings.firebase_project, "httpTimeout": seconds}
        app = firebase_admin.initialize_app(self._credential, options, f"docent-{id(self)}")
        client = auth.Client(app)
        if settings.firebase_certs_url:
            client._token_verifier.id_token_verifier.cert_url = settings.firebase_certs_url  # noqa: SLF001
        if toolkit := settings.identity_toolkit_url:
            client._user_manager.base_url = f"{toolkit}/projects/{settings.firebase_project}"  # noqa: SLF001
        if settings.app_check_jwks_url:
            checker = app_check._get_app_check_service(app)  # noqa: SLF001
            checker._jwks_client = PyJWKClient(settings.app_check_jwks_url, timeout=round(seconds))  # noqa: SLF001
        return app, client
