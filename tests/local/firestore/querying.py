"""Writing some documents and querying them."""

from google.cloud import firestore
from google.cloud.firestore_v1.base_query import And, FieldFilter


def fill(
    db: firestore.Client, docs: dict[str, dict[str, object]], collection: str = "c"
) -> firestore.CollectionReference:
    """Write documents by id; the collection."""
    batch = db.batch()
    for name, data in docs.items():
        batch.set(db.collection(collection).document(name), data)
    batch.commit()
    return db.collection(collection)


def ids(query: firestore.Query) -> list[str]:
    """The ids of a query's results, in order."""
    return [snapshot.id for snapshot in query.stream()]


def where(*filters: tuple[str, str, object]) -> And:
    """Several comparisons that must all hold."""
    return And([FieldFilter(*one) for one in filters])
