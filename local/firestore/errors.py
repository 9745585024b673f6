"""The errors Firestore answers with: one class for each gRPC status that is used.

FirestoreError
├── InvalidArgument      the request is wrong whatever is stored
├── FailedPrecondition   what is stored is not as the request requires it
├── NotFound             a document that must exist does not
├── AlreadyExists        a document that must not exist does
├── Aborted              too much contention; the transaction may be tried again
└── Unimplemented        this stand-in does not do it
"""

import grpc


class FirestoreError(Exception):
    """A call that ends with a status and a sentence, as the service would end it."""

    code = grpc.StatusCode.UNKNOWN

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidArgument(FirestoreError):
    """INVALID_ARGUMENT."""

    code = grpc.StatusCode.INVALID_ARGUMENT


class FailedPrecondition(FirestoreError):
    """FAILED_PRECONDITION."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class NotFound(FirestoreError):
    """NOT_FOUND."""

    code = grpc.StatusCode.NOT_FOUND


class AlreadyExists(FirestoreError):
    """ALREADY_EXISTS."""

    code = grpc.StatusCode.ALREADY_EXISTS


class Aborted(FirestoreError):
    """ABORTED."""

    code = grpc.StatusCode.ABORTED


class Unimplemented(FirestoreError):
    """UNIMPLEMENTED."""

    code = grpc.StatusCode.UNIMPLEMENTED


def contention() -> Aborted:
    """What a transaction hears that lost to another."""
    return Aborted("Too much contention on these documents. Please try again.")
