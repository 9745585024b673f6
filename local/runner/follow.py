"""Shows what the processes log, as they log it."""

import asyncio
from pathlib import Path

from rich.console import Console

POLL = 0.2


class Logs:
    """The NAME.log files of a folder, and how far each has been read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[Path, int] = {}

    def fresh(self) -> list[tuple[str, str]]:
        """Every whole line that was not returned before, with the name of its log."""
        return [
            (path.stem, line) for path in sorted(self._folder.glob("*.log")) for line in self._lines(path)
        ]

    def _lines(self, path: Path) -> list[str]:
        start = self._seen.get(path, 0)
        with path.open("rb") as log:
            if path.stat().st_size < start:  # a new run began it anew
                start = 0
            log.seek(start)
            text = log.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._seen[path] = start + len(whole)
        return whole.decode(errors="replace").splitlines()


async def follow_logs(folder: Path, console: Console) -> None:
    """Print every new line with its log's name before it, for ever."""
    logs = Logs(folder)
    while True:
        for name, line in await asyncio.to_thread(logs.fresh):
            console.print(f"{name:>9} | {line}", markup=False, highlight=False, soft_wrap=True)
        await asyncio.sleep(POLL)
