"""gRPC channels to Google's services, made in the serving event loop: they survive no fork."""

from collections.abc import Sequence
from typing import Any

from shared.gcp.own_account import CLOUD, TokenRequest, credentials
from shared.loopback import is_loopback


def opened(
    host: str, options: Sequence[tuple[str, int]], interceptors: Sequence[Any] = (), *, plain: bool = False
) -> Any:
    """A channel over TLS with the function's own account; in plaintext on this machine, or where `plain`."""
    from grpc.aio import insecure_channel, secure_channel

    if plain or is_loopback(host):
        return insecure_channel(host, options=options, interceptors=interceptors)
    target = host if ":" in host else f"{host}:443"
    return secure_channel(target, _own_account(host), options=options, interceptors=interceptors)


def _own_account(host: str) -> Any:
    import grpc
    from google.auth.transport.grpc import AuthMetadataPlugin

    plugin: Any = AuthMetadataPlugin
    tokens = plugin(credentials([CLOUD]), TokenRequest(), default_host=host.partition(":")[0])
    return grpc.composite_channel_credentials(
        grpc.ssl_channel_credentials(), grpc.metadata_call_credentials(tokens)
    )
