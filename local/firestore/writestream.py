"""Write: commits over one stream, as the client libraries of phones and browsers send them.

Source: WriteRequest and WriteResponse in google/firestore/v1/firestore.proto. The first request opens the
stream and writes nothing; each later one is a commit of its own, done in the order in which they come.
Nothing of a stream outlives it: a client that resumes one sends again what was not acknowledged.
"""

import secrets
from collections.abc import AsyncIterator

from local.firestore.engine import Engine
from local.firestore.errors import InvalidArgument
from local.firestore.names import parse_database
from local.firestore.protos import Message, WriteResponse, timestamp

_TOKEN_BYTES = 8


class WriteStreams:
    """Write."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def write(self, requests: AsyncIterator[Message]) -> AsyncIterator[Message]:
        """Serve one stream until the client ends it; the first commit that fails ends it too.

        Raises:
            InvalidArgument: the first request names no database, or writes already.
            FirestoreError: as from Commit.
        """
        database, answered = "", 0
        async for request in requests:
            response = WriteResponse(stream_token=answered.to_bytes(_TOKEN_BYTES, "big"))
            if database:
                results, moment = await self._engine.commit(database, request.writes)
                response.write_results.extend(results)
                response.commit_time.CopyFrom(timestamp(moment))
            elif request.writes:
                raise InvalidArgument("The first request of a Write stream must not have writes.")
            else:
                database = parse_database(request.database)
                response.stream_id = request.stream_id or secrets.token_hex(_TOKEN_BYTES)
            answered += 1
            yield response
