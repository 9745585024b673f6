"""Secrets that are not what they should be are refused with a sentence that names them."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from shared.identity.interfaces import BadSecret, UnknownKey
from shared.identity.keyring import client_secret, sealing_ring, signing_ring
from tests.fakes.identity import ec_key, pem, rsa_key, sealing_secret, signing_secret

GOOD_PEM = pem(ec_key())
GOOD_KEY = base64.b64encode(bytes(range(32))).decode()


def ring(*entries: object) -> str:
    """A secret with these entries."""
    return json.dumps({"keys": list(entries)})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "changeme",
        "[]",
        "{}",
        ring(),
        ring("k1"),
        ring({"private_key": GOOD_PEM}),
        ring({"kid": "", "private_key": GOOD_PEM}),
        ring({"kid": "../k1", "private_key": GOOD_PEM}),
        ring({"kid": "k1"}),
        ring({"kid": "k1", "private_key": "placeholder"}),
        ring({"kid": "k1", "private_key": pem(rsa_key())}),
        ring({"kid": "k1", "private_key": pem(ec.generate_private_key(ec.SECP384R1()))}),
        ring({"kid": "k1", "private_key": GOOD_PEM}, {"kid": "k1", "private_key": GOOD_PEM}),
        ring({"kid": "k1", "private_key": GOOD_PEM}, {"kid": "k2", "private_key": "x"}),
    ],
)
def test_a_bad_signing_secret_is_named_and_not_shown(text: str) -> None:
    """Whatever is wrong with the signing keys, the sentence names the secret and holds none of it."""
    with pytest.raises(BadSecret, match="session-signing-keys") as refused:
        signing_ring("session-signing-keys", text)
    assert GOOD_PEM[40:60] not in refused.value.detail


@pytest.mark.parametrize(
    "key",
    [
        None,
        7,
        "",
        "not base64!",
        base64.b64encode(b"short").decode(),
        base64.b64encode(bytes(range(16))).decode(),
        base64.b64encode(bytes(range(33))).decode(),
        base64.b64encode(bytes(32)).decode(),
        base64.b64encode(b"changeme" * 4).decode(),
        base64.b64encode(b"0123456789abcde" * 2 + b"00").decode(),
    ],
)
def test_a_bad_sealing_key_is_named(key: object) -> None:
    """Missing, short, long and placeholder keys are refused."""
    with pytest.raises(BadSecret, match="sealing-keys"):
        sealing_ring("sealing-keys", ring({"kid": "a", "key": GOOD_KEY}, {"kid": "b", "key": key}))


@pytest.mark.parametrize("text", ["", "short", "changeme-changeme-changeme", "<your secret goes here>"])
def test_a_bad_client_secret_is_named(text: str) -> None:
    """A placeholder as client secret is found before anybody is sent to Google."""
    with pytest.raises(BadSecret, match="oauth-client-secret"):
        client_secret("oauth-client-secret", text)


def test_a_client_secret_may_end_in_a_newline() -> None:
    """`echo secret | gcloud secrets versions add` leaves one."""
    assert client_secret("oauth-client-secret", "GOCSPX-0123456789abcdef\n") == "GOCSPX-0123456789abcdef"


def test_the_first_key_works_and_the_others_still_verify_and_open() -> None:
    """Order decides who signs and seals; nobody else is known."""
    signing = signing_ring("s", signing_secret("new", "old"))
    assert signing.signing[0] == "new"
    assert signing.public("old") is not None
    sealing = sealing_ring("s", sealing_secret("new", "old"))
    assert sealing.sealing[0] == "new"
    assert len(sealing.key("old")) == 32
    with pytest.raises(UnknownKey):
        signing.public("other")
    with pytest.raises(UnknownKey):
        sealing.key("other")
