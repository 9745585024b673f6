"""What Secret Manager refuses. Texts marked "quoted" are as its users quote them in public issues."""

from grpc import StatusCode

from local.rpc import RefusedError


def invalid(message: str) -> RefusedError:
    """INVALID_ARGUMENT with a sentence."""
    return RefusedError(StatusCode.INVALID_ARGUMENT, message)


def not_emulated(what: str) -> RefusedError:
    """UNIMPLEMENTED: the real service does this, the stand-in does not."""
    return RefusedError(StatusCode.UNIMPLEMENTED, f"{what} is not emulated by the local Secret Manager.")


def bad_name(name: str) -> RefusedError:
    """A resource name of the wrong form (quoted)."""
    return invalid(f"Resource ID [{name}] is not in a valid format.")


def secret_exists(name: str) -> RefusedError:
    """CreateSecret of a secret that is there (quoted)."""
    return RefusedError(StatusCode.ALREADY_EXISTS, f"Secret [{name}] already exists.")


def no_secret(name: str) -> RefusedError:
    """The secret is missing."""
    return RefusedError(StatusCode.NOT_FOUND, f"Secret [{name}] not found.")


def no_versions(name: str) -> RefusedError:
    """`latest` of a secret that is missing or empty (quoted)."""
    return RefusedError(StatusCode.NOT_FOUND, f"Secret [{name}] not found or has no versions.")


def no_version(name: str) -> RefusedError:
    """The version or alias is missing."""
    return RefusedError(StatusCode.NOT_FOUND, f"Secret Version [{name}] not found.")


def wrong_state(name: str, state: str) -> RefusedError:
    """Access to a version that is disabled or destroyed, or a change of a destroyed one (quoted)."""
    return RefusedError(StatusCode.FAILED_PRECONDITION, f"Secret Version [{name}] is in {state} state.")


def wrong_etag(name: str) -> RefusedError:
    """The etag is not the stored one; the code is documented, the sentence is ours."""
    return RefusedError(
        StatusCode.FAILED_PRECONDITION, f"The etag given for [{name}] is not the current one."
    )
