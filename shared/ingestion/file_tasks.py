"""What one task does: one file, or several small ones side by side, whose calls are made together.

A file that fails beside others, or is too large to be read beside them, gets a task of its own, so that none
stops another; and so do all of a task that comes a second time, whose worker one of them may have killed.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shared.errors import AppError
from shared.ingestion.drive import Contents, Item
from shared.ingestion.file import FileIngest
from shared.ingestion.joined import (
    Company,
    JoinedChunks,
    JoinedCollections,
    JoinedEmbedder,
    JoinedFolders,
    JoinedIndex,
    JoinedItems,
    JoinedRecords,
    JoinedStates,
)
from shared.ingestion.queueing import SMALL, Queueing
from shared.log import get_logger

_log = get_logger("ingestion.file_tasks")


class _TooLargeBeside(Exception):
    """A file that is to be read by itself."""


@dataclass(frozen=True)
class FileTasks:
    """Does the work of file tasks."""

    files: FileIngest
    queueing: Queueing

    async def work(self, ids: Sequence[str], *, repeated: bool = False) -> tuple[str, ...]:
        """Bring the index to what Drive says of these files; returns the collections they belong to.

        Of a single file it raises what the file's work raises. `repeated`: the task was delivered before.
        """
        if len(ids) == 1:
            return await self.files.process(ids[0])
        if repeated:
            await self.queueing.each_alone(ids)
            return ()
        return await self._side_by_side(ids)

    async def give_up(self, ids: Sequence[str], detail: str) -> None:
        """Record that the last attempt at these files failed."""
        for file_id in ids:
            await self.files.give_up(file_id, detail)

    async def _side_by_side(self, ids: Sequence[str]) -> tuple[str, ...]:
        company, files = Company(ids), self._joined()
        failed: list[str] = []
        collections: dict[str, None] = {}

        async def one(file_id: str) -> None:
            mine = replace(files, ready=lambda: company.meet(file_id))
            try:
                collections.update(dict.fromkeys(await mine.process(file_id)))
            except _TooLargeBeside:
                failed.append(file_id)
            except AppError as error:
                _log.info("file.alone", error=error.code)
                failed.append(file_id)
            except Exception:  # noqa: BLE001 - whatever it is, it is no reason to stop the others
                _log.exception("file.alone")
                failed.append(file_id)
            finally:
                company.leave(file_id)

        work = [asyncio.ensure_future(one(file_id)) for file_id in ids]
        try:
            await asyncio.gather(*work)
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
        await self.queueing.each_alone(failed)
        return tuple(collections)

    def _joined(self) -> FileIngest:
        """The same work, whose calls of a kind are made together."""
        files = self.files
        targets = {
            space: replace(one, embedder=JoinedEmbedder(one.embedder), index=JoinedIndex(one.index))
            for space, one in files.indexes.targets.items()
        }
        resolver = files.resolver
        return replace(
            files,
            drive=_Small(files.drive),
            resolver=replace(
                resolver,
                drive=JoinedItems(resolver.drive),
                folders=JoinedFolders(resolver.folders),
                collections=JoinedCollections(resolver.collections),
            ),
            records=JoinedRecords(self.queueing.records),
            chunks=JoinedChunks(files.chunks),
            indexes=replace(files.indexes, targets=targets, states=JoinedStates(files.indexes.states)),
        )


class _Small:
    """Contents of small files."""

    def __init__(self, drive: Contents) -> None:
        self._drive = drive

    async def download(self, item: Item, target: Path, limit: int) -> None:
        """As Drive's. Raises _TooLargeBeside of a large one."""
        if SMALL < item.size <= limit:
            raise _TooLargeBeside
        await self._drive.download(item, target, limit)
