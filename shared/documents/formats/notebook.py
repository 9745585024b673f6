"""Jupyter notebooks: Markdown cells as text, code cells and their printed output as code."""

import json
import re
from typing import Any

from shared.documents.formats.text import decode
from shared.documents.outline import Outline
from shared.documents.reasons import corrupt
from shared.documents.source import Source
from shared.models import Extraction

_HEADING = re.compile(r"(#{1,6})[ \t]+(.+)")


def read(source: Source) -> Extraction:
    """Cells in order (nbformat 3 and 4); raises Unreadable("corrupt") when the JSON is no notebook."""
    try:
        cells = [
            (cell["cell_type"], _joined(cell.get("source", cell.get("input", ""))), cell.get("outputs", []))
            for cell in _cells(json.loads(decode(source.data())))
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise corrupt("The notebook") from error
    outline = Outline()
    for kind, text, outputs in cells:
        if kind == "markdown" and (heading := _HEADING.match(text)):
            outline.under(len(heading[1]), heading[2])
            outline.add(text)
        elif kind == "code":
            outline.add(text, "code")
            for output in outputs:
                outline.add(_printed(output), "code")
        else:
            outline.add(text)
    return outline.extraction()


def _cells(notebook: Any) -> list[Any]:
    if "worksheets" in notebook:
        return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
    cells: list[Any] = notebook["cells"]
    return cells


def _joined(source: object) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _printed(output: object) -> str:
    if not isinstance(output, dict):
        return ""
    data = output.get("data")
    plain = data.get("text/plain") if isinstance(data, dict) else None
    failed = f"{output.get('ename', '')}: {output.get('evalue', '')}" if "ename" in output else ""
    return _joined(output.get("text") or plain or failed)
