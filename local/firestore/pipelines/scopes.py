"""What an expression sees while it is evaluated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from local.firestore.execution import execute
from local.firestore.names import DocumentName
from local.firestore.pipelines.items import Item, stored
from local.firestore.pipelines.values import Maybe
from local.firestore.protos import Document, Message
from local.firestore.query import Query
from local.firestore.rows import Row
from local.firestore.store import Store


@dataclass
class Reads:
    """What one run of a pipeline looked at, for the locks of its transaction."""

    names: set[str] = field(default_factory=set)
    queries: list[Query] = field(default_factory=list)


@dataclass(frozen=True)
class Environment:
    """The database a pipeline runs over, and the moment it runs at."""

    store: Store
    database: str
    at: int | None
    """Microseconds; None is the present."""
    now: Message
    """What current_timestamp() says, a Value."""
    reads: Reads = field(default_factory=Reads)

    def query(self, query: Query, variables: Mapping[str, Maybe]) -> list[Item]:
        """The documents of whole collections, in order of their names."""
        rows: list[Row] = execute(self.store, query, self.at).rows
        self.reads.queries.append(query)
        self.reads.names.update(str(row.document.name) for row in rows)
        return [stored(row.document, variables) for row in rows]

    def document(self, name: DocumentName, variables: Mapping[str, Maybe]) -> Item | None:
        """One document, or None."""
        self.reads.names.add(name.full)
        collection = self.store.catalog.find(name.database, name.collection)
        body = self.store.read(collection, name.key, self.at) if collection else None
        return None if body is None else stored(Document.FromString(body), variables)


@dataclass(frozen=True)
class Scope:
    """One item being looked at, and the variables that are bound around it."""

    environment: Environment
    item: Item
    variables: Mapping[str, Maybe]

    def binding(self, **variables: Maybe) -> "Scope":
        """The same with more variables."""
        return replace(self, variables={**self.variables, **variables})


Evaluate = Callable[[Scope], Maybe]
"""A compiled expression. Raises EvaluationError."""


@dataclass(frozen=True)
class Frame:
    """What a stage sees besides its items; `outer` is the item that a subquery runs for."""

    environment: Environment
    outer: Scope | None

    @property
    def variables(self) -> Mapping[str, Maybe]:
        """The variables bound outside this pipeline."""
        return self.outer.variables if self.outer else {}

    def scope(self, item: Item) -> Scope:
        """The scope of one of the stage's items."""
        return Scope(self.environment, item, item.variables)
