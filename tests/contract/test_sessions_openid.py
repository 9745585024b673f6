"""The provider and key-set adapters against a provider over HTTP: the local sign-in, and a hostile one."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Self

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.control.faults import Fault
from local.signin.context import DEFAULT_CLIENT
from local.signin.server import SigninServer
from local.standin import HttpServer, Options
from shared.errors import Timeout, Unavailable, Upstream
from shared.gcp.oidc import Discovery, HttpOpenIdProvider, PublishedKeys
from shared.identity.interfaces import BadSecret, GrantRefused, UnknownKey
from shared.identity.keyring import signing_ring
from shared.identity.records import AuthorizationRequest
from shared.settings import AuthSettings, SecretsSettings
from tests.fakes.identity import FakeSecrets, Ticker, challenge_of, rsa_key, signing_secret

REDIRECT = DEFAULT_CLIENT["redirect_uris"][0]
VERIFIER = "v" * 43
REQUEST = AuthorizationRequest("state", "nonce", challenge_of(VERIFIER), ("openid", "email", "profile"))


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client as wiring makes it."""
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture
async def google() -> AsyncIterator[SigninServer]:
    """The local sign-in."""
    server = SigninServer(Options())
    await server.start()
    yield server
    await server.stop()


def provider_at(issuer: str, http: httpx.AsyncClient, secret: str = "") -> HttpOpenIdProvider:
    """A provider adapter for the demo client."""
    settings = AuthSettings(
        google_client_id=str(DEFAULT_CLIENT["client_id"]),
        google_issuer=issuer,
        oauth_redirect_uri=REDIRECT,
        frontend_url="http://127.0.0.1:8080",
        google_timeout=2.0,
    )
    secrets = FakeSecrets(oauth_client_secret=secret or str(DEFAULT_CLIENT["client_secret"]))
    return HttpOpenIdProvider(http, settings, secrets, SecretsSettings(host=""))


async def consented(http: httpx.AsyncClient, address: str, person: str = "alice@example.com") -> str:
    """The code that the person's consent gives."""
    answer = await http.post(address, data={"person": person})
    return str(httpx.URL(answer.headers["location"]).params["code"])


async def test_a_code_becomes_tokens_once_and_with_its_verifier_only(
    google: SigninServer, http: httpx.AsyncClient
) -> None:
    """id_token, refresh token and scopes come back; a wrong verifier and a second use are refused."""
    provider = provider_at(google.context.issuer, http)
    code = await consented(http, await provider.authorization_url(REQUEST))
    with pytest.raises(GrantRefused):
        await provider.exchange(code, "w" * 43)
    answer = await provider.exchange(code, VERIFIER)
    assert answer.id_token
    assert answer.refresh_token
    assert answer.scopes == {"openid", "email", "profile"}
    with pytest.raises(GrantRefused):
        await provider.exchange(code, VERIFIER)


async def test_a_refresh_token_works_until_it_is_revoked(
    google: SigninServer, http: httpx.AsyncClient
) -> None:
    """Revoking ends it, and revoking what has ended is fine."""
    provider = provider_at(google.context.issuer, http)
    code = await consented(http, await provider.authorization_url(REQUEST))
    refresh_token = (await provider.exchange(code, VERIFIER)).refresh_token
    assert (await provider.refresh(refresh_token)).value
    await provider.revoke(refresh_token)
    with pytest.raises(GrantRefused):
        await provider.refresh(refresh_token)
    await provider.revoke(refresh_token)


async def test_the_wrong_client_secret_is_not_a_dead_grant(
    google: SigninServer, http: httpx.AsyncClient
) -> None:
    """An operator's mistake must not mark everybody's grants dead."""
    provider = provider_at(google.context.issuer, http, "another-secret-entirely")
    with pytest.raises(Upstream):
        await provider.refresh("whatever")


async def test_a_placeholder_client_secret_is_named(google: SigninServer, http: httpx.AsyncClient) -> None:
    """Before anybody is sent to the provider."""
    with pytest.raises(BadSecret, match="oauth-client-secret"):
        await provider_at(google.context.issuer, http, "changeme").check()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status="503", times=0), Unavailable),
        (Fault(status="500", times=0), Unavailable),
        (Fault(status="403", times=0), Upstream),
        (Fault(drop=True, times=0), Unavailable),
        (Fault(delay=5, times=0), Timeout),
    ],
    ids=["503", "500", "403", "dropped", "slow"],
)
async def test_a_provider_in_trouble_is_not_a_dead_grant(
    google: SigninServer, http: httpx.AsyncClient, fault: Fault, error: type[Exception]
) -> None:
    """Whatever is not invalid_grant is the provider's trouble, and bounded in time."""
    provider = provider_at(google.context.issuer, http)
    await provider.authorization_url(REQUEST)
    google.control.faults = [fault]
    with pytest.raises(error):
        await provider.refresh("whatever")


async def test_signing_in_survives_the_providers_key_rotation(
    google: SigninServer, http: httpx.AsyncClient
) -> None:
    """A key id that is not known is looked for before it is denied."""
    provider = provider_at(google.context.issuer, http)
    old = google.context.keys.jwks()["keys"][0]["kid"]
    await provider.keys.key(old)
    new = google.context.keys.rotate()
    await provider.keys.key(new)


class Hostile:
    """A server that says whatever a test wants, and counts."""

    def __init__(self) -> None:
        self.answer: Any = {}
        self.status = 200
        self.calls = 0
        self._server = HttpServer(
            Starlette(routes=[Route("/{path:path}", self._say, methods=["GET", "POST"])])
        )
        self.address = ""

    async def _say(self, _request: Request) -> Response:
        self.calls += 1
        if isinstance(self.answer, bytes):
            return Response(self.answer, self.status)
        return JSONResponse(self.answer, self.status)

    async def __aenter__(self) -> Self:
        self.address = f"http://127.0.0.1:{await self._server.start()}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop()


@pytest.fixture
async def hostile() -> AsyncIterator[Hostile]:
    """A server under a test's control."""
    async with Hostile() as server:
        yield server


async def test_a_description_of_another_issuer_is_not_believed(
    hostile: Hostile, http: httpx.AsyncClient
) -> None:
    """The document must describe whom we asked, with addresses that are safe to send secrets to."""
    discovery = Discovery(http, hostile.address, 2.0)
    hostile.answer = {"issuer": "https://evil.example", "token_endpoint": "https://evil.example/token"}
    with pytest.raises(Upstream):
        await discovery.endpoint("token_endpoint")
    hostile.answer = {
        "issuer": hostile.address,
        "token_endpoint": "http://evil.example/token",
        "userinfo_endpoint": "http://127.0.0.1:80@evil.example/userinfo",
        "revocation_endpoint": "file:///etc/passwd",
    }
    for name in ("token_endpoint", "userinfo_endpoint", "revocation_endpoint", "jwks_uri"):
        with pytest.raises(Upstream):
            await discovery.endpoint(name)


@pytest.mark.parametrize(
    ("oauth_error", "status", "error"),
    [
        ("invalid_grant", 400, GrantRefused),
        ("invalid_request", 400, Upstream),
        ("unauthorized_client", 400, Upstream),
        ("invalid_client", 401, Upstream),
        ("invalid_grant", 500, Unavailable),
        ("temporarily_unavailable", 503, Unavailable),
    ],
)
async def test_only_invalid_grant_means_that_a_grant_is_dead(
    hostile: Hostile, http: httpx.AsyncClient, oauth_error: str, status: int, error: type[Exception]
) -> None:
    """Every other answer is our mistake or the provider's trouble, and costs nobody their grant."""
    provider = provider_at(hostile.address, http)
    hostile.answer = {
        "issuer": hostile.address,
        "authorization_endpoint": hostile.address,
        "token_endpoint": hostile.address,
    }
    await provider.authorization_url(REQUEST)
    hostile.answer, hostile.status = {"error": oauth_error}, status
    with pytest.raises(error):
        await provider.refresh("whatever")


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b"", b"{" + b" " * 300_000 + b"}"])
async def test_an_answer_that_is_no_json_object_is_an_error(
    hostile: Hostile, http: httpx.AsyncClient, answer: bytes
) -> None:
    """Pages, lists, nothing and floods are refused."""
    hostile.answer = answer
    with pytest.raises(Upstream):
        await PublishedKeys(http, hostile.address, "ES256", 2.0).key("k1")


def own_keys(*kids: str) -> dict[str, Any]:
    """A key set as auth publishes it."""
    return signing_ring("signing", signing_secret(*kids)).jwks()


async def test_only_keys_fit_for_the_algorithm_are_taken(hostile: Hostile, http: httpx.AsyncClient) -> None:
    """Symmetric, encryption, foreign-curve, short RSA and broken keys are left out; the good one is found."""
    import jwt
    from cryptography.hazmat.primitives.asymmetric import rsa

    good = own_keys("good")["keys"][0]
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 - what must be refused
    weak = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(short.public_key()))
    strong = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key().public_key()))
    hostile.answer = {
        "keys": [
            good,
            {**good, "kid": "f" * 80},  # as oauth2-mock-server names its keys
            "text",
            {"kid": "oct", "kty": "oct", "k": "AAAA", "alg": "ES256"},
            {**good, "kid": "enc", "use": "enc"},
            {**good, "kid": "alg", "alg": "ES384"},
            {**good, "kid": "crv", "crv": "P-384"},
            {**good, "kid": "off", "y": good["x"]},
            {**good, "kid": "../path"},
            {**good, "kid": None},
            {**strong, "kid": "rsa"},
        ]
    }
    keys = PublishedKeys(http, hostile.address, "ES256", 2.0)
    await keys.key("good")
    assert set(await keys._fetch()) == {"good", "f" * 80}
    hostile.answer = {"keys": [{**weak, "kid": "weak"}, {**strong, "kid": "strong"}, good]}
    keys = PublishedKeys(http, hostile.address, "RS256", 2.0)
    await keys.key("strong")
    assert set(await keys._fetch()) == {"strong"}


async def test_keys_are_fetched_once_and_again_after_five_minutes(
    hostile: Hostile, http: httpx.AsyncClient
) -> None:
    """However many ask, one fetch; a key that was withdrawn is refused within five minutes."""
    clock = Ticker(0.0)
    keys = PublishedKeys(http, hostile.address, "ES256", 2.0, clock)
    hostile.answer = own_keys("k1", "k2")
    await asyncio.gather(*(keys.key("k1") for _ in range(20)))
    assert hostile.calls == 1
    hostile.answer = own_keys("k2")
    clock.now += 301
    with pytest.raises(UnknownKey):
        await keys.key("k1")
    assert hostile.calls == 2


async def test_made_up_key_ids_cause_one_fetch_a_second(hostile: Hostile, http: httpx.AsyncClient) -> None:
    """A flood of unknown ids costs auth at most a request a second, and delays no known key."""
    keys = PublishedKeys(http, hostile.address, "ES256", 2.0)
    hostile.answer = own_keys("k1")
    await keys.key("k1")
    refused = await asyncio.gather(*(keys.key(f"x{n}") for n in range(50)), return_exceptions=True)
    assert all(isinstance(one, UnknownKey) for one in refused)
    assert hostile.calls == 2
    await keys.key("k1")


async def test_a_rotation_refuses_nobody(hostile: Hostile, http: httpx.AsyncClient) -> None:
    """A new key that appears just after a fetch is waited for instead of being refused."""
    keys = PublishedKeys(http, hostile.address, "ES256", 2.0)
    hostile.answer = own_keys("k1")
    await keys.key("k1")
    hostile.answer = own_keys("k2", "k1")
    await keys.key("k2")
    await keys.key("k1")


async def test_known_keys_outlive_an_outage_but_not_for_ever(
    hostile: Hostile, http: httpx.AsyncClient
) -> None:
    """While auth is down its keys are still good for an hour; unknown ones are unknowable: 503, not 401."""
    clock = Ticker(0.0)
    keys = PublishedKeys(http, hostile.address, "ES256", 2.0, clock)
    hostile.answer = own_keys("k1")
    await keys.key("k1")
    hostile.status = 503
    clock.now += 301
    await keys.key("k1")
    await keys.key("k1")
    assert hostile.calls == 2, "and auth is left alone for a while"
    clock.now += 5
    refused = await asyncio.gather(*(keys.key("k2") for _ in range(20)), return_exceptions=True)
    assert all(isinstance(one, Unavailable) for one in refused)
    assert hostile.calls == 3
    clock.now += 3600
    with pytest.raises(Unavailable):
        await keys.key("k1")
    hostile.status = 200
    clock.now += 5
    await keys.key("k1")
