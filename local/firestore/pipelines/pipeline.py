"""A pipeline, read and checked, ready to run."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from local.firestore.errors import InvalidArgument
from local.firestore.pipelines.expressions import Expressions, Subquery
from local.firestore.pipelines.implied import by_fields, inequality_fields
from local.firestore.pipelines.items import Item
from local.firestore.pipelines.scopes import Environment, Frame, Scope
from local.firestore.pipelines.searching import SEARCHES
from local.firestore.pipelines.sources import SOURCES, Source, parse_source
from local.firestore.pipelines.stages import STAGES, Paths, Stage, aliased, argument
from local.firestore.protos import Message, Write

MAX_DEPTH = 20
"""Pipelines inside pipelines."""

_STAGES = STAGES | SEARCHES
_MODIFICATIONS = {"update", "delete"}


@dataclass(frozen=True)
class Modification:
    """The last stage of a pipeline that writes: update with its transformations, or delete."""

    delete: bool
    transformations: Paths

    def writes(self, frame: Frame, items: Sequence[Item]) -> list[Message]:
        """What to commit. Raises InvalidArgument when an item has no name."""
        return [self._write(frame, item) for item in items]

    def _write(self, frame: Frame, item: Item) -> Message:
        if not item.name:
            raise InvalidArgument("Documents to update or delete must have their __name__ field.")
        if self.delete:
            return Write(delete=item.name)
        changed = item
        for path, expression in self.transformations:
            changed = changed.put(path, expression(frame.scope(item)))
        write = Write(current_document={"exists": True})
        write.update.name = item.name
        for name, value in changed.fields.items():
            write.update.fields[name].CopyFrom(value)
        return write


@dataclass(frozen=True)
class Pipeline:
    """Where items come from, and what happens to them."""

    source: Source
    stages: tuple[Stage, ...]
    names: tuple[str, ...]
    modification: Modification | None = None

    def run(self, environment: Environment, outer: Scope | None = None) -> list[Item]:
        """The results. Raises EvaluationError."""
        frame = Frame(environment, outer)
        items = self.source(frame)
        for stage in self.stages:
            items = stage(frame, items)
        return items

    def writes(self, environment: Environment) -> list[Message]:
        """What a pipeline that modifies has to commit."""
        items = self.run(environment)
        return self.modification.writes(Frame(environment, None), items) if self.modification else []


def parse_pipeline(message: Message, database: str) -> Pipeline:
    """Read a Pipeline.

    Raises:
        InvalidArgument: when Firestore would refuse it.
    """
    return _Parser(database, 0).parse(message, nested=False, outermost=True)


class _Parser:
    """Reads one level of pipelines; those inside go to a parser of their own."""

    def __init__(self, database: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise InvalidArgument(f"Pipelines cannot be nested more than {MAX_DEPTH} deep.")
        self._database, self._depth = database, depth
        self._expressions = Expressions(self._subquery)

    def parse(self, message: Message, *, nested: bool, outermost: bool = False) -> Pipeline:
        if not message.stages:
            raise InvalidArgument("A pipeline must have at least one stage.")
        first, *rest = message.stages
        source = parse_source(first, self._expressions, self._database, nested=nested)
        modification = None
        if outermost and rest and rest[-1].name in _MODIFICATIONS:
            modification = self._modification(rest.pop())
        stages = [self._stage(one) for one in rest]
        conditions = list(takewhile(lambda one: one.name == "where", rest))
        paths = inequality_fields(one.args[0] for one in conditions)
        if paths and first.name in SOURCES:
            stages.insert(len(conditions), lambda _, items: by_fields(items, paths))
        return Pipeline(source, tuple(stages), tuple(one.name for one in message.stages), modification)

    def _stage(self, stage: Message) -> Stage:
        if stage.name == "union":
            return self._union(stage)
        parse = _STAGES.get(stage.name)
        if parse is not None:
            return parse(stage, self._expressions)
        if stage.name in SOURCES or stage.name in {"literals", "subcollection"}:
            raise InvalidArgument(f"The stage '{stage.name}' must be the first of a pipeline.")
        if stage.name in _MODIFICATIONS:
            raise InvalidArgument(f"The stage '{stage.name}' must be the last of a pipeline.")
        raise InvalidArgument(f"Unknown stage '{stage.name}'.")

    def _union(self, stage: Message) -> Stage:
        if argument(stage).WhichOneof("value_type") != "pipeline_value":
            raise InvalidArgument("union(...) requires a pipeline.")
        other = _Parser(self._database, self._depth + 1).parse(stage.args[0].pipeline_value, nested=False)
        return lambda frame, items: items + other.run(frame.environment, frame.outer)

    def _subquery(self, message: Message) -> Subquery:
        pipeline = _Parser(self._database, self._depth + 1).parse(message, nested=True)
        return lambda scope: pipeline.run(scope.environment, scope)

    def _modification(self, stage: Message) -> Modification:
        if stage.name == "delete":
            return Modification(delete=True, transformations=[])
        given = aliased(stage.args[0], self._expressions) if stage.args else []
        return Modification(delete=False, transformations=given)
