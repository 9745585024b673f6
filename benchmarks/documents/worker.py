"""One reader of documents in a process of its own: `python worker.py NAME`, a path a line on stdin.

Runs under the interpreter that has the reader installed. Answers a line of JSON a file: text or error,
seconds. Only the standard library and the reader itself are imported.
"""

import contextlib
import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

Read = Callable[[Path], str]


def docent() -> Read:
    """Docent's extraction, pictures by the OCR model of the local cloud."""
    from shared.documents.__main__ import Pictures
    from shared.documents.chunks import cut
    from shared.documents.extract import extract

    pictures = Pictures([sys.executable, "-m", "local.vertex.ocr_engine"])

    def read(path: Path) -> str:
        extraction = extract(path, "", path.name, pictures.read)
        cut(extraction, path.name)
        return "\n".join(block.text for section in extraction.sections for block in section.blocks)

    return read


def markitdown() -> Read:
    """Microsoft's markitdown with all its converters."""
    from markitdown import MarkItDown

    reader = MarkItDown()
    return lambda path: str(reader.convert(str(path)).text_content)


def unstructured() -> Read:
    """Unstructured's partition; PDFs by the "fast" strategy, since the others load models of gigabytes.

    Its language model, which it fetches from GitHub to tell titles from prose, is an empty one: the text is
    the same without it.
    """
    import spacy
    from unstructured.nlp import tokenize
    from unstructured.partition.auto import partition

    empty = spacy.blank("en")
    empty.add_pipe("sentencizer")
    tokenize._load_spacy_model = lambda: empty  # noqa: SLF001 - it has no other way

    def read(path: Path) -> str:
        elements = partition(str(path), strategy="fast")
        return "\n".join(str(each) for each in elements)

    return read


READERS: dict[str, Callable[[], Read]] = {
    "docent": docent,
    "markitdown": markitdown,
    "unstructured": unstructured,
}


def main() -> None:
    """Read each file that stdin names until stdin ends."""
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a reader prints must not end up between the answers
    with contextlib.redirect_stdout(sys.stderr):
        read = READERS[sys.argv[1]]()
        for name in sys.stdin:
            start = time.perf_counter()
            answer: dict[str, Any]
            try:
                answer = {"text": read(Path(name.rstrip("\n")))}
            except Exception as error:  # noqa: BLE001 - readers raise what they like
                answer = {"error": f"{getattr(error, 'sentence', None) or type(error).__name__}"}
            answer["seconds"] = time.perf_counter() - start
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
