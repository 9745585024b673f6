"""An OpenID Connect provider over HTTP: discovery, keys, codes and refresh tokens; Google's, or any other."""

import time
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import quote, urlencode, urlsplit

import httpx
import jwt

from shared.errors import AppError, Timeout, Unavailable, Upstream
from shared.gcp.failures import http_failure
from shared.gcp.remembered import Remembered
from shared.identity.callers import issuers
from shared.identity.interfaces import GrantRefused, PublicKey, Secrets, UnknownKey
from shared.identity.keyring import KEY_ID, client_secret
from shared.identity.records import AccessToken, AuthorizationRequest, TokenAnswer
from shared.loopback import is_loopback
from shared.settings import AuthSettings, SecretsSettings

_SERVICE = "The sign-in provider"
_MAX_ANSWER = 256 * 1024
_RENEW_AFTER = 300.0
"""Seconds after which a document is fetched again."""
_USABLE_FOR = 3600.0
"""Seconds that an old document goes on being used while its address does not answer."""
_RSA_BITS = 2048


class PublishedKeys:
    """A JSON Web Key Set at an address, as KeySource.

    Remembered for five minutes, and fetched again when a token names a key it does not hold: at most once
    a second, and whoever meets that key in between waits for the fetch, so that a rotation refuses nobody.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        address: str | Callable[[], Awaitable[str]],
        algorithm: Literal["ES256", "RS256"],
        timeout: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http, self._address, self._algorithm, self._timeout = http, address, algorithm, timeout
        self._keys = Remembered(self._fetch, _RENEW_AFTER, _USABLE_FOR, monotonic)

    async def key(self, kid: str) -> PublicKey:
        """Raises UnknownKey, or Unavailable, Timeout or Upstream when the address cannot tell."""
        asked = self._keys.now()
        keys = await self._keys.value()
        if kid not in keys:
            keys = await self._keys.fetched_since(asked)
        if kid in keys:
            return keys[kid]
        raise self._keys.failing or UnknownKey

    async def _fetch(self) -> dict[str, PublicKey]:
        address = self._address if isinstance(self._address, str) else await self._address()
        document = await fetch_json(self._http, "GET", address, self._timeout)
        entries = document.get("keys")
        found = (
            [_public_key(entry, self._algorithm) for entry in entries] if isinstance(entries, list) else []
        )
        return dict(pair for pair in found if pair is not None)


class HttpOpenIdProvider:
    """The OpenIdProvider of identity. Nothing is fetched before it is needed; discovery is remembered."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        settings: AuthSettings,
        secrets: Secrets,
        secrets_settings: SecretsSettings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._http, self._settings, self._secrets = http, settings, secrets
        self._secret_name, self._clock = secrets_settings.client_secret, clock
        self._discovery = Discovery(http, settings.google_issuer, settings.google_timeout)
        self.client_id = settings.google_client_id
        self.issuers = issuers(settings.google_issuer)
        self.keys = PublishedKeys(http, self._discovery.jwks_uri, "RS256", settings.google_timeout)

    async def authorization_url(self, request: AuthorizationRequest) -> str:
        """The provider's page, with the request in its query. Raises Unavailable, Timeout or Upstream."""
        endpoint = await self._discovery.endpoint("authorization_endpoint")
        query = {
            "client_id": self.client_id,
            "redirect_uri": self._settings.oauth_redirect_uri,
            "response_type": "code",
            "scope": " ".join(request.scopes),
            "state": request.state,
            "nonce": request.nonce,
            "code_challenge": request.challenge,
            "code_challenge_method": "S256",
            "access_type": "offline",
            "prompt": "consent select_account",
        }
        if len(self._settings.allowed_domains) == 1:
            query["hd"] = self._settings.allowed_domains[0]
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"

    async def exchange(self, code: str, verifier: str) -> TokenAnswer:
        """What a code is worth (RFC 6749 4.1.3). Raises GrantRefused, Unavailable, Timeout or Upstream."""
        answer = await self._ask(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._settings.oauth_redirect_uri,
                "code_verifier": verifier,
            }
        )
        return TokenAnswer(
            id_token=_text(answer, "id_token"),
            access_token=_text(answer, "access_token"),
            refresh_token=_text(answer, "refresh_token"),
            scopes=frozenset(_text(answer, "scope").split()),
        )

    async def refresh(self, refresh_token: str) -> AccessToken:
        """A new access token (RFC 6749 6). Raises GrantRefused, Unavailable, Timeout or Upstream."""
        answer = await self._ask({"grant_type": "refresh_token", "refresh_token": refresh_token})
        lifetime = answer.get("expires_in")
        if not (value := _text(answer, "access_token")) or not isinstance(lifetime, int | float):
            raise Upstream(f"{_SERVICE} gave no access token.")
        return AccessToken(value, self._clock() + float(lifetime))

    async def revoke(self, token: str) -> None:
        """End a grant (RFC 7009); an unknown token counts as ended. Raises Unavailable, Timeout, Upstream."""
        endpoint = await self._discovery.endpoint("revocation_endpoint")
        try:
            answer = await self._http.post(
                endpoint, data={"token": token}, timeout=self._settings.google_timeout
            )
        except httpx.HTTPError as error:
            raise _unreachable(error) from None
        if answer.status_code not in (200, 400):
            raise http_failure(_SERVICE, answer.status_code)

    async def skew(self) -> float:
        """By the Date header of its description (RFC 9110 6.6.1), which counts whole seconds."""
        address = self._settings.google_issuer.rstrip("/") + "/.well-known/openid-configuration"
        before = self._clock()
        try:
            answer = await self._http.get(address, timeout=self._settings.google_timeout)
        except httpx.HTTPError as error:
            raise _unreachable(error) from None
        try:
            there = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
        except ValueError:
            raise Upstream(f"{_SERVICE} does not tell the time.") from None
        return there + 0.5 - (before + self._clock()) / 2

    async def check(self) -> None:
        """Raises BadSecret, naming it, when the client's secret cannot be a real one."""
        await self._client_secret()

    async def _ask(self, form: dict[str, str]) -> dict[str, Any]:
        endpoint = await self._discovery.endpoint("token_endpoint")
        secret = await self._client_secret()
        credentials: dict[str, Any] = {"data": {**form, "client_id": self.client_id, "client_secret": secret}}
        if not await self._discovery.takes_secret_in_form():
            credentials = {"data": form, "auth": httpx.BasicAuth(quote(self.client_id), quote(secret))}
        return await fetch_json(self._http, "POST", endpoint, self._settings.google_timeout, **credentials)

    async def _client_secret(self) -> str:
        return client_secret(self._secret_name, await self._secrets.text(self._secret_name))


class Discovery:
    """A provider's own description (OpenID Connect Discovery 1.0, section 4), fetched when first needed."""

    def __init__(self, http: httpx.AsyncClient, issuer: str, timeout: float) -> None:
        self._http, self._issuer, self._timeout = http, issuer, timeout
        self._document = Remembered(self._fetch, _USABLE_FOR, _USABLE_FOR * 24)

    async def jwks_uri(self) -> str:
        """Where the provider's keys are."""
        return await self.endpoint("jwks_uri")

    async def endpoint(self, name: str) -> str:
        """An address out of the description. Raises Upstream when it is missing or not to be trusted."""
        address = _text(await self._document.value(), name)
        # Plaintext only where the issuer itself is on this machine.
        plain = urlsplit(address).scheme == "http" and _on_this_machine(address, self._issuer)
        if not (urlsplit(address).scheme == "https" or plain):
            raise Upstream(f"{_SERVICE} publishes no usable {name}.")
        return address

    async def takes_secret_in_form(self) -> bool:
        """Whether the client's secret may go in the form; HTTP Basic is what every provider takes."""
        methods = (await self._document.value()).get("token_endpoint_auth_methods_supported")
        return isinstance(methods, list) and "client_secret_post" in methods

    async def _fetch(self) -> dict[str, Any]:
        address = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
        document = await fetch_json(self._http, "GET", address, self._timeout)
        if _text(document, "issuer") not in issuers(self._issuer):
            raise Upstream(f"{_SERVICE} describes another issuer than the one configured.")
        return document


async def fetch_json(
    http: httpx.AsyncClient, method: str, address: str, seconds: float, **options: Any
) -> dict[str, Any]:
    """A JSON object from the provider within `seconds`, without following redirects.

    Raises GrantRefused for the OAuth error `invalid_grant`, Unavailable, Timeout or Upstream for others.
    """
    try:
        answer = await http.request(method, address, timeout=seconds, follow_redirects=False, **options)
    except httpx.HTTPError as error:
        raise _unreachable(error) from None
    document = _object(answer)
    if answer.status_code == 400 and document.get("error") == "invalid_grant":  # noqa: PLR2004 - RFC 6749 5.2
        raise GrantRefused
    if answer.status_code != 200:  # noqa: PLR2004 - everything else is a failure
        failure = http_failure(_SERVICE, answer.status_code)
        raise failure if failure.status >= Upstream.status else Upstream(f"{_SERVICE} refused a request.")
    if not document:
        raise Upstream(f"{_SERVICE} did not answer with JSON.")
    return document


def _on_this_machine(*addresses: str) -> bool:
    """By host name alone: what stands before an "@" is no host, however it looks."""
    return all(is_loopback(urlsplit(address).hostname or "") for address in addresses)


def _object(answer: httpx.Response) -> dict[str, Any]:
    if len(answer.content) > _MAX_ANSWER:
        return {}
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _unreachable(error: httpx.HTTPError) -> AppError:
    if isinstance(error, httpx.TimeoutException):
        return Timeout(f"{_SERVICE} did not answer in time.", retry_after=5)
    return Unavailable(f"{_SERVICE} cannot be reached.", retry_after=5)


def _public_key(entry: object, algorithm: str) -> tuple[str, PublicKey] | None:
    """A key fit for `algorithm`, with its id; None for one that is for something else."""
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    kid = entry.get("kid")
    if entry.get("alg", algorithm) != algorithm or not isinstance(kid, str) or not KEY_ID.fullmatch(kid):
        return None
    wanted = {"kty": "EC", "crv": "P-256"} if algorithm == "ES256" else {"kty": "RSA"}
    if any(entry.get(name) != value for name, value in wanted.items()):
        return None
    try:
        key: PublicKey = jwt.PyJWK(entry, algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return (kid, key) if algorithm == "ES256" or key.key_size >= _RSA_BITS else None


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name, "")
    return value if isinstance(value, str) else ""
