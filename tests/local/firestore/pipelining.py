"""Building expressions and running pipelines."""

from typing import Any

from google.cloud import firestore
from google.cloud.firestore_v1.pipeline_expressions import (
    Array,
    Constant,
    Expression,
    Field,
    FunctionExpression,
    Map,
)

ABSENT = Field("missing")
"""An expression without a value."""


def expression(value: object) -> Expression:
    """A constant, array or map as an expression; expressions stay as they are."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, list):
        return Array([expression(one) for one in value])
    return Map(value) if isinstance(value, dict) else Constant(value)


def call(name: str, *arguments: object) -> FunctionExpression:
    """A call of a function by its name in the protocol."""
    return FunctionExpression(name, [expression(one) for one in arguments])


def evaluate(db: firestore.Client, value: object) -> Any:
    """What the server makes of an expression; "absent" when there is no value."""
    (row,) = db.pipeline().literals({"x": expression(value)}).execute()
    return row.data().get("x", "absent")


def rows(pipeline: Any) -> list[dict[str, Any]]:
    """The data of a pipeline's results, in order."""
    return [row.data() for row in pipeline.execute()]
