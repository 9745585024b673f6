"""Shows how far the ingest is: a bar on a terminal, plain lines elsewhere."""

from contextlib import AbstractContextManager
from typing import Protocol, Self

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
    """Files a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f} files/s", style="progress.data.speed")


class TerminalBar(AbstractContextManager["TerminalBar"]):
    """A bar with files done and total, rate, and time left."""

    def __init__(self, console: Console) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=console)
        self._task = self._bar.add_task("reading the Drive", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, progress: Progress) -> None:
        """Move the bar."""
        total = progress.total or None
        self._bar.update(self._task, total=total, completed=progress.done if total else 0)


class Lines(AbstractContextManager["Lines"]):
    """A line for each step, for logs."""

    def __init__(self, console: Console) -> None:
        self._console, self._last = console, ""

    def __exit__(self, *_: object) -> None:
        """Nothing to take down."""

    def __call__(self, progress: Progress) -> None:
        """Print a line, unless it says the same as the one before."""
        done = f"{progress.done} of {progress.total} files" if progress.total else "looking"
        if done != self._last:
            self._console.print(f"reading the Drive: {done}", highlight=False)
        self._last = done


def display(console: Console) -> TerminalBar | Lines:
    """What fits where the output goes."""
    return TerminalBar(console) if console.is_terminal else Lines(console)


def summary(progress: Progress) -> str:
    """The counts in a sentence: 18 indexed, 2 skipped."""
    found = [f"{count} {state}" for state, count in progress.counts.items() if count]
    return ", ".join(found) or "no files"
