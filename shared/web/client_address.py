"""Where a request comes from, as far as it can be believed."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection

_IPV4_PREFIX, _IPV6_PREFIX = 24, 48
_IPV6_SITE = 64
_LONGEST = 60


def client_address(request: HTTPConnection, trusted_hops: int) -> str:
    """The caller's address: the right-most of X-Forwarded-For that is not one of our own proxies.

    What stands left of it was sent by the caller, who may write there what they like. Without the header,
    or with fewer entries than proxies, it is the peer's own address.
    """
    entries = forwarded(request)
    if len(entries) > trusted_hops:
        return entries[-1 - trusted_hops]
    return request.client.host if request.client else ""


def forwarded(request: HTTPConnection) -> list[str]:
    """The entries of X-Forwarded-For as they arrived, of all its lines."""
    told = ",".join(request.headers.getlist("x-forwarded-for"))
    return [entry.strip() for entry in told.split(",") if entry.strip()]


def address_bucket(request: HTTPConnection, trusted_hops: int) -> str:
    """The address under which requests of one caller are counted: an IPv4 address, or the /64 of an IPv6 one.

    Whoever has one IPv6 address has 2**64 of them. However an address is spelled, it is one bucket; what is
    no address at all shares a single one.
    """
    found = _parsed(client_address(request, trusted_hops))
    if found is None:
        return "unknown"
    if found.version == 4:  # noqa: PLR2004 - a version number
        return str(found)
    return str(ip_network((int(found), _IPV6_SITE), strict=False))


def place(request: HTTPConnection, trusted_hops: int, header: str = "") -> str:
    """Where that is, in words for a list of sessions; never exact.

    The load balancer's `header` if it sends one, otherwise the network (/24, or /48 of IPv6).
    """
    told = request.headers.get(header, "") if header else ""
    plain = "".join(letter for letter in told if letter.isprintable()).strip(" ,")
    return plain[:_LONGEST] or _network(client_address(request, trusted_hops))


def _network(address: str) -> str:
    found = _parsed(address)
    if found is None:
        return ""
    if found.is_loopback:
        return "this machine"
    prefix = _IPV4_PREFIX if found.version == 4 else _IPV6_PREFIX  # noqa: PLR2004 - a version number
    return str(ip_network((found, prefix), strict=False))


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    """The address, without the port and brackets that some proxies add; an IPv4 inside IPv6 as IPv4."""
    bare = address.partition("]")[0].lstrip("[") if address.startswith("[") else address
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
