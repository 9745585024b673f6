"""What an index's metadata says about the index.

Source of the keys: https://cloud.google.com/vertex-ai/docs/vector-search/configuring-indexes
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import MessageToDict

from local.vertex import messages as m
from local.vertex.matrix import MEASURES
from local.vertex.refusals import invalid, unimplemented

DEFAULT_MEASURE = "DOT_PRODUCT_DISTANCE"
NORMS = ("NONE", "UNIT_L2_NORM")
ALGORITHMS = ("treeAhConfig", "bruteForceConfig")
METADATA_SCHEMA = (
    "gs://google-cloud-aiplatform/schema/matchingengine/metadata/nearest_neighbor_search_1.0.0.yaml"
)


@dataclass(frozen=True)
class Definition:
    """What cannot be changed of an index: the length of its vectors, how near is measured, how it is fed."""

    dimensions: int
    measure: str = DEFAULT_MEASURE
    unit_norm: bool = False
    streaming: bool = True


def definition_of(index: Any) -> Definition:
    """Read an Index message. Raises RefusedError INVALID_ARGUMENT that names what is wrong.

    Contents to be read from Cloud Storage are UNIMPLEMENTED: nothing may look indexed that is not.
    """
    metadata = MessageToDict(index.metadata) if index.HasField("metadata") else None
    if not isinstance(metadata, Mapping) or not isinstance(metadata.get("config"), Mapping):
        raise invalid("index.metadata.config is required.")
    if metadata.get("contentsDeltaUri"):
        raise unimplemented(
            "contentsDeltaUri: reading datapoints from Cloud Storage is not emulated; upsert them instead."
        )
    config = metadata["config"]
    algorithm = config.get("algorithmConfig") or {"treeAhConfig": {}}
    if not isinstance(algorithm, Mapping) or len(algorithm) != 1 or next(iter(algorithm)) not in ALGORITHMS:
        raise invalid(f"config.algorithmConfig must be one of {', '.join(ALGORITHMS)}.")
    if "treeAhConfig" in algorithm and not _positive(config.get("approximateNeighborsCount")):
        raise invalid("config.approximateNeighborsCount is required with treeAhConfig.")
    if not _positive(config.get("dimensions")):
        raise invalid("config.dimensions must be a positive integer.")
    return Definition(
        int(config["dimensions"]),
        _one_of("distanceMeasureType", config, tuple(MEASURES), DEFAULT_MEASURE),
        _one_of("featureNormType", config, NORMS, "NONE") == "UNIT_L2_NORM",
        index.index_update_method == m.STREAM_UPDATE,
    )


def brute_force(dimensions: int, measure: str) -> dict[str, Any]:
    """The metadata of an exact index."""
    config = {"dimensions": dimensions, "distanceMeasureType": measure}
    return {"config": {**config, "algorithmConfig": {"bruteForceConfig": {}}}}


def _positive(value: Any) -> bool:
    return isinstance(value, float) and value >= 1 and value.is_integer()


def _one_of(key: str, config: Mapping[str, Any], known: tuple[str, ...], default: str) -> str:
    value = config.get(key, default)
    if value not in known:
        raise invalid(f"config.{key} must be one of {', '.join(known)}.")
    return str(value)
