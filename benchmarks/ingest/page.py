"""The figures of docs/ingestion.md, out of the results of the benchmarks that are behind them."""

import json
import re
from collections.abc import Mapping
from typing import Any

from benchmarks.record import RESULTS, ROOT

PAGE = ROOT / "docs" / "ingestion.md"
LOADERS = {
    "csv": "CSVLoader",
    "docx": "Docx2txtLoader",
    "eml": "UnstructuredEmailLoader",
    "html": "BSHTMLLoader",
    "md": "UnstructuredMarkdownLoader",
    "pdf": "PyPDFLoader",
    "pptx": "UnstructuredPowerPointLoader",
    "txt": "TextLoader",
    "xlsx": "UnstructuredExcelLoader",
}


def save() -> None:
    """Put the figures that the results have now into the page."""
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The page with the figures that the results have now."""
    text = PAGE.read_text(encoding="utf-8")
    for name, table in (("throughput", throughput), ("parsing", parsing)):
        found = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
        about = found.pop("about")
        head = f"{about['machine']}; {about['date']}, commit {about['commit']}:"
        marked = re.compile(rf"(<!-- figures: {name} -->\n).*?(<!-- end of figures -->)", re.DOTALL)
        before = marked.search(text)
        assert before is not None, name
        text = (
            f"{text[: before.start(1)]}{before[1]}{head}\n\n{table(found)}\n{before[2]}{text[before.end() :]}"
        )
    return text


def throughput(found: Mapping[str, Any]) -> str:
    """Each half of the benchmark: files and chunks a second, CPU in the three ways, sizes."""
    parts = []
    for name, half in found.items():
        rows = [
            _row(measure, half[key], half["ratio"].get(key))
            for measure, key in (
                ("files a second", "files_per_second"),
                ("chunks a second", "chunks_per_second"),
            )
        ]
        cpu = half["cpu_ms_a_file"]
        rows += [
            _row(f"CPU ms a file: {what}", {**cpu, "docent": ms}, half["ratio"][what])
            for what, ms in cpu.items()
            if what != "langchain"
        ]
        rows.append(_row("MB at most, a process", half["peak_mb"], None))
        rows.append(f"| size at the end, of that when warm | {half['growth']['docent']} | | |")
        rows.append(f"| calls to Firestore a file | {half['firestore_calls_per_file']['docent']} | | |")
        files = half["files"]
        wrong = "; ".join(half["wrong"]) or "nothing lost, nothing done twice"
        parts.append(
            f"| {files['docent']} files {name} ({wrong}) | Docent | LangChain, {files['langchain']} files | "
            "times as good |\n|---|---|---|---|\n" + "\n".join(rows)
        )
    return "\n\n".join(parts)


def parsing(found: Mapping[str, Any]) -> str:
    """Kinds of files, what is read faster than LangChain's loader reads it first."""
    kinds = sorted(found, key=lambda kind: (kind != "all", -found[kind]["ratio"]["docent"]))
    rows = []
    for kind in kinds:
        rates, each = found[kind]["mb_per_second"], found[kind].get("ms_a_file", {})
        shown = "all together" if kind == "all" else kind
        rows.append(
            f"| {shown} | {rates['docent']} | {rates['langchain']} | {found[kind]['ratio']['docent']} | "
            f"{each.get('docent', '')} | {LOADERS.get(kind, '')} |"
        )
    head = "| | Docent MB/s | LangChain MB/s | ratio | Docent ms a file | LangChain's loader |"
    return "\n".join([head, "|---|---|---|---|---|---|", *rows])


def _row(measure: str, values: Mapping[str, float], ratio: float | None) -> str:
    return f"| {measure} | {values['docent']} | {values['langchain']} | {'' if ratio is None else ratio} |"


if __name__ == "__main__":
    save()
