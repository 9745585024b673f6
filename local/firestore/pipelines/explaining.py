"""explain_options of a pipeline, and the ExplainStats that answer them.

Source: google/firestore/v1/explain_stats.proto and https://firebase.google.com/docs/firestore/enterprise/query-explain.
The layout of the text is not documented as stable; ours names the stages and what they took.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from google.protobuf.wrappers_pb2 import StringValue

from local.firestore.errors import InvalidArgument
from local.firestore.pipelines.pipeline import Pipeline
from local.firestore.protos import ExplainStats, Message

_MODES = {"", "execute", "explain", "analyze"}
_FORMATS = {"", "text", "json"}


@dataclass(frozen=True)
class ExplainOptions:
    """What a request wants to be told besides, or instead of, its results."""

    mode: str = ""
    output_format: str = ""

    @property
    def plans_only(self) -> bool:
        """Whether the pipeline is not to be run."""
        return self.mode == "explain"

    @property
    def wanted(self) -> bool:
        """Whether there is anything to tell."""
        return self.mode in {"explain", "analyze"}


def parse_explain(options: Mapping[str, Message]) -> ExplainOptions:
    """Read the options of a StructuredPipeline.

    Raises:
        InvalidArgument: a mode or format that is not known.
    """
    if "explain_options" not in options:
        return ExplainOptions()
    fields = options["explain_options"].map_value.fields
    given = {name: fields[name].string_value for name in ("mode", "output_format") if name in fields}
    explain = ExplainOptions(**given)
    if explain.mode not in _MODES or explain.output_format not in _FORMATS:
        raise InvalidArgument("explain_options knows the modes execute, explain, analyze, and text or json.")
    return explain


def stats(
    explain: ExplainOptions, pipeline: Pipeline, *, results: int, read: int, nanoseconds: int
) -> Message:
    """ExplainStats: the stages, and after a run what it returned, read and took."""
    execution = {
        "results_returned": results,
        "documents_scanned": read,
        "total_time_ms": round(nanoseconds / 1_000_000, 3),
    }
    if explain.output_format == "json":
        told: dict[str, object] = {"plan": list(pipeline.names)}
        if not explain.plans_only:
            told["execution"] = execution
        text = json.dumps(told)
    else:
        lines = ["Tree:", *(f"  {name}" for name in reversed(pipeline.names))]
        if not explain.plans_only:
            lines = ["Execution:", *(f" {name}: {value}" for name, value in execution.items()), "", *lines]
        text = "\n".join(lines)
    made = ExplainStats()
    made.data.Pack(StringValue(value=text))
    return made
