"""Shows how far the ingest is: a bar on a terminal, plain lines elsewhere."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar
from rich.text import Text

from local.runner.ingest import Progress


class Display(Protocol):
    """Something that shows progress."""

    def __call__(self, progress: Progress) -> None:
        """Show this."""
        ...


class _Rate(ProgressColumn):
    """Things a second."""

    def __init__(self, things: str) -> None:
        super().__init__()
        self._things = things

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f} {self._things}/s", style="progress.data.speed")


class _Bar(AbstractContextManager["_Bar"]):
    """A bar with what is done and the total, rate, and time left."""

    def __init__(self, console: Console, doing: str, things: str) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(things),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=console)
        self._task = self._bar.add_task(doing, total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def move(self, done: int, total: int) -> None:
        """Show this."""
        self._bar.update(self._task, total=total or None, completed=done if total else 0)


class TerminalBar(_Bar):
    """The ingest as a bar."""

    def __init__(self, console: Console) -> None:
        super().__init__(console, "reading the Drive", "files")

    def __call__(self, progress: Progress) -> None:
        """Move the bar."""
        self.move(progress.done, progress.total)


class IndexBar(_Bar):
    """The work on another index as a bar."""

    def __init__(self, console: Console) -> None:
        super().__init__(console, "building the index", "chunks")

    def __call__(self, work: Mapping[str, Any]) -> None:
        """Move the bar."""
        self.move(int(work["chunks"]), int(work["total_chunks"]))


class _Lines(AbstractContextManager["_Lines"]):
    """A line for each step, for logs."""

    def __init__(self, console: Console) -> None:
        self._console, self._last = console, ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to take down."""

    def say(self, line: str) -> None:
        """Print a line, unless it says the same as the one before."""
        if line != self._last:
            self._console.print(line, highlight=False)
        self._last = line


class Lines(_Lines):
    """The ingest in lines."""

    def __call__(self, progress: Progress) -> None:
        """Say how far it is."""
        done = f"{progress.done} of {progress.total} files" if progress.total else "looking"
        self.say(f"reading the Drive: {done}")


class IndexLines(_Lines):
    """The work on another index in lines."""

    def __call__(self, work: Mapping[str, Any]) -> None:
        """Say how far it is."""
        rate, left = work["chunks_per_second"], work["seconds_left"]
        soon = "" if left is None else f", {rate:g} a second, {left} s left"
        self.say(f"building the index: {work['chunks']} of {work['total_chunks']} chunks{soon}")


def display(console: Console) -> TerminalBar | Lines:
    """What fits where the output goes."""
    return TerminalBar(console) if console.is_terminal else Lines(console)


def index_display(console: Console) -> IndexBar | IndexLines:
    """As display, of the work on another index."""
    return IndexBar(console) if console.is_terminal else IndexLines(console)


def summary(progress: Progress) -> str:
    """The counts in a sentence: 18 indexed, 2 skipped."""
    found = [f"{count} {state}" for state, count in progress.counts.items() if count]
    return ", ".join(found) or "no files"
