"""What Vector Search refuses, each with the status that the real service gives."""

import grpc

from local.rpc import RefusedError


def invalid(message: str) -> RefusedError:
    """INVALID_ARGUMENT."""
    return RefusedError(grpc.StatusCode.INVALID_ARGUMENT, message)


def missing(message: str) -> RefusedError:
    """NOT_FOUND."""
    return RefusedError(grpc.StatusCode.NOT_FOUND, message)


def exists(message: str) -> RefusedError:
    """ALREADY_EXISTS."""
    return RefusedError(grpc.StatusCode.ALREADY_EXISTS, message)


def precondition(message: str) -> RefusedError:
    """FAILED_PRECONDITION."""
    return RefusedError(grpc.StatusCode.FAILED_PRECONDITION, message)


def aborted(message: str) -> RefusedError:
    """ABORTED."""
    return RefusedError(grpc.StatusCode.ABORTED, message)


def unimplemented(message: str) -> RefusedError:
    """UNIMPLEMENTED: the real service can do it, this one cannot."""
    return RefusedError(grpc.StatusCode.UNIMPLEMENTED, message)
