"""What Cloud Tasks refuses, in its own words where they were recorded from the real service.

Recorded (2026-08, github.com/aertje/cloud-tasks-emulator test/conformance/golden/errors.json, made by
calling the real API): all but those marked "ours".
"""

from grpc import StatusCode

from local.rpc import RefusedError

ENTITY = "Requested entity was not found."


REFERENCE = "https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues"


def invalid(message: str) -> RefusedError:
    """INVALID_ARGUMENT with a sentence."""
    return RefusedError(StatusCode.INVALID_ARGUMENT, message)


def no_project(parent: str) -> RefusedError:
    """A parent that is no location: the service reads it as a project and finds no right to it."""
    return RefusedError(StatusCode.PERMISSION_DENIED, f"Permission denied on resource project {parent}.")


def bad_queue_name() -> RefusedError:
    """A queue name of the wrong form."""
    return RefusedError(
        StatusCode.INVALID_ARGUMENT,
        'Queue name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/<QUEUE_ID>".',
        ("Definition of queue name", f"{REFERENCE}#Queue.FIELDS.name"),
    )


def bad_task_id(task_id: str) -> RefusedError:
    """A task id of the wrong form."""
    return RefusedError(
        StatusCode.INVALID_ARGUMENT,
        f'Task ID "{task_id}" can contain only letters ([A-Za-z]), numbers ([0-9]), hyphens (-), or '
        "underscores (_). Task ID must between 1 and 500 characters.",
        ("Definition of task ID", f"{REFERENCE}.tasks#Task.FIELDS.name"),
    )


def not_emulated(what: str) -> RefusedError:
    """UNIMPLEMENTED: the real service does this, the stand-in does not (ours)."""
    return RefusedError(StatusCode.UNIMPLEMENTED, f"{what} is not emulated by the local Cloud Tasks.")


def no_queue() -> RefusedError:
    """The queue of a Get, Pause, Resume, Purge, ListTasks or CreateTask is missing."""
    return RefusedError(
        StatusCode.NOT_FOUND,
        "Queue does not exist. If you just created the queue, "
        "wait at least a minute for the queue to initialize.",
    )


def no_entity() -> RefusedError:
    """The queue of a DeleteQueue, or a task, never existed."""
    return RefusedError(StatusCode.NOT_FOUND, ENTITY)


def task_gone() -> RefusedError:
    """The task existed and is finished or deleted."""
    return RefusedError(
        StatusCode.NOT_FOUND,
        "The task no longer exists, though a task with this name existed recently. "
        "The task either successfully completed or was deleted.",
    )


def queue_exists() -> RefusedError:
    """CreateQueue of a queue that is there."""
    return RefusedError(StatusCode.ALREADY_EXISTS, "Queue already exists")


def queue_too_recent() -> RefusedError:
    """CreateQueue under a name that was deleted less than seven days ago."""
    return RefusedError(
        StatusCode.FAILED_PRECONDITION,
        "The queue cannot be created because a queue with this name existed too recently.",
    )


def task_exists() -> RefusedError:
    """CreateTask under the name of a task that waits or runs."""
    return RefusedError(StatusCode.ALREADY_EXISTS, "Requested entity already exists")


def task_too_recent() -> RefusedError:
    """CreateTask under the name of a task that is finished or deleted (text as users quote it)."""
    return RefusedError(
        StatusCode.ALREADY_EXISTS,
        "The task cannot be created because a task with this name existed too recently. "
        f"For more information about task de-duplication see {REFERENCE}.tasks/create"
        "#body.request_body.FIELDS.task.",
    )
