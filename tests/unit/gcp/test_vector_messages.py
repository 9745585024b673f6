"""The messages of Vector Search that are declared here are Google's own, byte for byte."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from google.cloud.aiplatform_v1 import types as google_types
from google.cloud.aiplatform_v1.services.index_service.transports.grpc import IndexServiceGrpcTransport
from google.cloud.aiplatform_v1.services.match_service.transports.grpc import MatchServiceGrpcTransport
from google.protobuf.descriptor import Descriptor
from google.protobuf.field_mask_pb2 import FieldMask

from shared.gcp.channels import opened
from shared.gcp.vector_calls import METHODS
from shared.gcp.vector_messages import MESSAGES, message

ROOT = Path(__file__).parents[3]


def googles(name: str) -> Any:
    """Google's descriptor of a message of ours."""
    if name == "FieldMask":
        return FieldMask.DESCRIPTOR
    first, *inner = name.split(".")
    kind = getattr(google_types, first)
    found: Descriptor = kind.pb(kind()).DESCRIPTOR
    for one in inner:
        found = found.nested_types_by_name[one]
    return found


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_has_googles_fields(name: str) -> None:
    """Each field has Google's name, number, type and multiplicity; what is left out is left out whole."""
    ours, real = message(name).DESCRIPTOR, googles(name)
    assert {one.name for one in ours.fields} == set(MESSAGES[name])
    for one in ours.fields:
        there = real.fields_by_name[one.name]
        assert (one.number, one.type, one.is_repeated) == (there.number, there.type, there.is_repeated)
        if one.message_type is not None and one.message_type.name != "FieldMask":
            assert one.message_type.full_name == there.message_type.full_name


def test_a_request_is_googles_request() -> None:
    """What Google's package writes is what ours writes, and each reads the other's."""
    values = {
        "index": "projects/p/locations/l/indexes/1",
        "datapoints": [
            {
                "datapoint_id": "a.1",
                "feature_vector": [0.25, -1.0],
                "restricts": [{"namespace": "file", "allow_list": ["a"]}],
                "crowding_tag": {"crowding_attribute": "a"},
                "sparse_embedding": {"values": [0.5], "dimensions": [7]},
            }
        ],
        "update_mask": {"paths": ["all_restricts"]},
    }
    ours = message("UpsertDatapointsRequest")(**values).SerializeToString(deterministic=True)
    theirs = google_types.UpsertDatapointsRequest(values)
    pb = google_types.UpsertDatapointsRequest.pb(theirs)
    assert ours == pb.SerializeToString(deterministic=True)
    assert google_types.UpsertDatapointsRequest.deserialize(ours) == theirs


def test_the_methods_are_googles() -> None:
    """Google's own transports call the same paths, and its clients route by the same fields."""
    for method, (service, field) in METHODS.items():
        kind = {"IndexService": IndexServiceGrpcTransport, "MatchService": MatchServiceGrpcTransport}[service]
        source = Path(sys.modules[kind.__module__].__file__ or "").read_text(encoding="utf-8")
        assert f'"/google.cloud.aiplatform.v1.{service}/{method}"' in source
        client = Path(sys.modules[kind.__module__].__file__ or "").parents[1] / "async_client.py"
        assert f'(("{field}", request.{field}),)' in client.read_text(encoding="utf-8")


def test_googles_package_is_not_imported() -> None:
    """Asking the index loads no module of google.cloud.aiplatform: it would double a cold start."""
    code = (
        "import sys; from shared.gcp.vector_calls import VectorCalls\n"
        "from shared.gcp.vector_messages import message; message('FindNeighborsRequest')()\n"
        "assert not [name for name in sys.modules if name.startswith('google.cloud.aiplatform')]\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={}, check=True, timeout=60)  # noqa: S603 - ours


async def test_googles_address_is_called_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine gets plaintext; elsewhere there are credentials, on port 443."""
    asked: list[tuple[str, object]] = []
    real = grpc.aio.secure_channel

    def noted(target: str, credentials: object, **options: Any) -> Any:
        asked.append((target, credentials))
        return real(target, credentials, **options)

    account = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
    (tmp_path / "account.json").write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))
    monkeypatch.setattr(grpc.aio, "secure_channel", noted)
    for host in ("us-central1-aiplatform.googleapis.com", "127.0.0.1:9"):
        await opened(host, []).close()
    ((target, credentials),) = asked
    assert target == "us-central1-aiplatform.googleapis.com:443"
    assert credentials is not None
