"""The ways in which a service fails, as the control ports take them."""

from typing import Any

GRPC = {"firestore", "tasks", "secrets"}
_INDEX = {"FindNeighbors", "UpsertDatapoints", "RemoveDatapoints", "ReadIndexDatapoints"}
"""Methods of Vertex AI that are RPCs."""
SLOW = 30.0
CODES = ("ABORTED", "UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "INTERNAL", "PERMISSION_DENIED")
STATUSES = ("429", "500", "503", "403")
_ANYWHERE: dict[str, dict[str, Any]] = {
    "dropped": {"drop": True},
    "30 s late": {"delay": SLOW},
    "answer cut": {"drop": True, "late": True},
}


def is_rpc(service: str, method: str) -> bool:
    """Whether this is a gRPC method."""
    return service in GRPC or method in _INDEX


def kinds(service: str, method: str) -> dict[str, dict[str, Any]]:
    """Every way in which this method can fail, by name."""
    if is_rpc(service, method):
        codes: dict[str, dict[str, Any]] = {code: {"status": code} for code in CODES}
        lost = {"done, answer lost": {"status": "UNAVAILABLE", "late": True}}
        return (
            codes
            | lost
            | {f"done, {one}": {"status": one, "late": True} for one in ("ABORTED", "DEADLINE_EXCEEDED")}
            | _ANYWHERE
        )
    statuses: dict[str, dict[str, Any]] = {status: {"status": status} for status in STATUSES}
    stream = {"stream cut": {"status": "cut"}} if "tream" in method else {}
    return statuses | {"done, 503": {"status": "503", "late": True}} | stream | _ANYWHERE
