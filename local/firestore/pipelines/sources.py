"""Input stages: where a pipeline's items come from.

Source: https://firebase.google.com/docs/firestore/pipelines/stages (input stages).
"""

from collections.abc import Callable, Sequence

from local.firestore.errors import InvalidArgument
from local.firestore.names import DocumentName, ParentName, check_id, check_path, parse_document, parse_parent
from local.firestore.pipelines.expressions import Expressions
from local.firestore.pipelines.items import Item
from local.firestore.pipelines.scopes import Frame
from local.firestore.pipelines.values import mapping
from local.firestore.protos import Message
from local.firestore.query import Query

Source = Callable[[Frame], list[Item]]


def parse_source(stage: Message, expressions: Expressions, database: str, *, nested: bool) -> Source:
    """Read a pipeline's first stage; `nested`: the pipeline is a subquery in an expression.

    Raises:
        InvalidArgument: it is no input stage, or its arguments are wrong.
    """
    if stage.name == "subcollection":
        if not nested:
            raise InvalidArgument("subcollection(...) can only be used at the start of a nested pipeline.")
        return _subcollection(stage)
    if stage.name == "literals":
        return _literals(stage, expressions)
    parse = SOURCES.get(stage.name)
    if parse is None:
        raise InvalidArgument(f"A pipeline must begin with an input stage, not with '{stage.name}'.")
    return parse(stage, database)


def _reference(value: Message, stage: str) -> str:
    if value.WhichOneof("value_type") != "reference_value":
        raise InvalidArgument(f"{stage}(...) requires references.")
    return str(value.reference_value)


def _relative(reference: str, database: str) -> str:
    """The path below .../documents, from a full name or from /path."""
    root = f"{database}/documents"
    if reference.startswith("projects/"):
        if not reference.startswith(f"{root}/"):
            raise InvalidArgument(f'"{reference}" is not in database "{database}".')
        reference = reference[len(root) :]
    return reference.strip("/")


def _collection(stage: Message, database: str) -> Source:
    if len(stage.args) != 1:
        raise InvalidArgument("collection(...) requires one path.")
    path = _relative(_reference(stage.args[0], "collection"), database)
    segments = path.split("/")
    if len(segments) % 2 == 0:
        raise InvalidArgument(f'"{path}" is not the path of a collection.')
    check_path(path, segments)
    parent, _, collection_id = path.rpartition("/")
    query = Query(ParentName(database, parent), collection_id, descendants=False)
    return lambda frame: frame.environment.query(query, frame.variables)


def _collection_group(stage: Message, database: str) -> Source:
    if len(stage.args) != 2:  # noqa: PLR2004 - an ancestor and an id
        raise InvalidArgument("collection_group(...) requires an ancestor and a collection id.")
    ancestor = _relative(_reference(stage.args[0], "collection_group"), database)
    parent = parse_parent(f"{database}/documents" + (f"/{ancestor}" if ancestor else ""))
    collection_id = stage.args[1].string_value
    check_id(collection_id, document=False)
    query = Query(parent, collection_id, descendants=True)
    return lambda frame: frame.environment.query(query, frame.variables)


def _database(stage: Message, database: str) -> Source:
    if stage.args:
        raise InvalidArgument("database(...) takes no arguments.")
    query = Query(ParentName(database, ""), "", descendants=True)
    return lambda frame: frame.environment.query(query, frame.variables)


def _documents(stage: Message, database: str) -> Source:
    paths = [_relative(_reference(one, "documents"), database) for one in stage.args]
    if not paths:
        raise InvalidArgument("documents(...) requires at least one document.")
    names = list(dict.fromkeys(parse_document(f"{database}/documents/{path}") for path in paths))
    return lambda frame: _existing(frame, names)


def _existing(frame: Frame, names: Sequence[DocumentName]) -> list[Item]:
    found = (frame.environment.document(name, frame.variables) for name in names)
    return [item for item in found if item is not None]


def _literals(stage: Message, expressions: Expressions) -> Source:
    documents = [expressions.fields(one) for one in stage.args]

    def source(frame: Frame) -> list[Item]:
        scope = frame.scope(Item({}, variables=frame.variables))
        made = [mapping({name: one(scope) for name, one in document.items()}) for document in documents]
        return [Item(one.map_value.fields, variables=frame.variables) for one in made]

    return source


def _subcollection(stage: Message) -> Source:
    if len(stage.args) != 1 or not stage.args[0].string_value:
        raise InvalidArgument("subcollection(...) requires one path.")
    path = stage.args[0].string_value.strip("/")
    segments = path.split("/")
    if len(segments) % 2 == 0:
        raise InvalidArgument(f'"{path}" is not the path of a collection.')
    check_path(path, segments)

    def source(frame: Frame) -> list[Item]:
        name = frame.outer.item.name if frame.outer else ""
        if not name:
            raise InvalidArgument("subcollection(...) requires a document with its __name__.")
        below, _, collection_id = f"{parse_document(name).path}/{path}".rpartition("/")
        query = Query(ParentName(frame.environment.database, below), collection_id, descendants=False)
        return frame.environment.query(query, frame.variables)

    return source


SOURCES: dict[str, Callable[[Message, str], Source]] = {
    "collection": _collection,
    "collection_group": _collection_group,
    "database": _database,
    "documents": _documents,
}
"""The input stages that read the database."""
