"""The figures of docs/reliability.md, out of the results of the three benchmarks that are behind it."""

import json
import re
from typing import Any

from benchmarks.record import RESULTS, ROOT

PAGE = ROOT / "docs" / "reliability.md"
COMMANDS = {"faults": "make bench-faults", "soak": "make soak MINUTES=30", "fuzz": "make fuzz MINUTES=30"}


def table(name: str, found: dict[str, Any]) -> str:
    """A benchmark's figures as a table, with where and when they were measured."""
    about = found["about"]
    rows = [
        f"| {measure} | {', '.join(_told(system, value) for system, value in values.items())} |"
        for measure, values in found.items()
        if measure != "about"
    ]
    head = f"`{COMMANDS[name]}`, {about['date']}, {about['machine']}, commit {about['commit']}:"
    return "\n".join([head, "", "| measure | value |", "|---|---|", *rows])


def _told(system: str, value: float) -> str:
    return f"{value:g}" if system == "docent" else f"{system} {value:g}"


def page() -> str:
    """The page with the figures that the results have now; without results a part stays empty."""
    text = PAGE.read_text(encoding="utf-8")
    for name in COMMANDS:
        path = RESULTS / f"{name}.json"
        told = f"\n{table(name, json.loads(path.read_text()))}\n" if path.exists() else "\n"
        marked = re.compile(rf"(<!-- figures: {name} -->\n).*?(<!-- end of figures -->)", re.DOTALL)
        before = marked.search(text)
        assert before is not None
        after = f"{before[1]}{told}\n{before[2]}"
        text = text[: before.start()] + after + text[before.end() :]
    return text


def write() -> None:
    """Put the figures into the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
