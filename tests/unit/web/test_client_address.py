"""Where a request comes from: what its sender wrote is not believed."""

import pytest
from starlette.requests import Request

from shared.web.client_address import client_address, place


def request(*forwarded: str, peer: str = "169.254.1.1", **headers: str) -> Request:
    """A request with these X-Forwarded-For headers."""
    pairs = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    pairs += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": pairs, "client": (peer, 1)})


@pytest.mark.parametrize(
    ("forwarded", "hops", "expected"),
    [
        ((), 0, "169.254.1.1"),
        (("203.0.113.9",), 0, "203.0.113.9"),
        (("1.1.1.1, 203.0.113.9",), 0, "203.0.113.9"),
        (("1.1.1.1", "203.0.113.9"), 0, "203.0.113.9"),
        (("1.1.1.1, 203.0.113.9, 35.1.2.3",), 1, "203.0.113.9"),
        (("203.0.113.9",), 1, "169.254.1.1"),
        ((", ,",), 0, "169.254.1.1"),
    ],
)
def test_the_address_is_counted_from_the_right(forwarded: tuple[str, ...], hops: int, expected: str) -> None:
    """What stands further left was written by the caller."""
    assert client_address(request(*forwarded), hops) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("203.0.113.9:1234", "203.0.113.0/24"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("[2001:db8:1:2::3]:99", "2001:db8:1::/48"),
        ("127.0.0.1", "this machine"),
        ("nonsense<script>", ""),
    ],
)
def test_a_place_is_a_network_never_an_address(address: str, expected: str) -> None:
    """Enough to recognise one's own, too little to find somebody."""
    assert place(request(address), 0) == expected


def test_a_load_balancer_may_name_the_place() -> None:
    """By the configured header only, printable and short."""
    told = request("203.0.113.9", x_client_place="Lisbon, PT\x07" + "x" * 99)
    assert place(told, 0, "x-client-place").startswith("Lisbon, PTx")
    assert len(place(told, 0, "x-client-place")) == 60
    assert place(told, 0) == "203.0.113.0/24"
    assert place(request("203.0.113.9", x_client_place=","), 0, "x-client-place") == "203.0.113.0/24"
