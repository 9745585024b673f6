"""A folder of documents with questions, read into values.

A set is a folder with `corpus/` (files) or `corpus.jsonl[.gz]` (lines of id, title, text), `queries.jsonl`
(lines of id, question, unanswerable, evidence [{doc_id, quote, page}], optionally gold_docs and
question_in_context), and optionally `qrels.tsv` (query-id, corpus-id, score). `queries_core.jsonl` is used
instead of `queries.jsonl` where there is one. The sample Drive has `files/` and `questions.jsonl`.
"""

import csv
import gzip
import json
import logging
import pickle
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from shared.documents.extract import extract
from shared.documents.reasons import Unreadable
from shared.models import Extraction, Transcript

_TITLE_LENGTH = 150


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an answer stands: a document, its page where the set says so, the words where it does."""

    document: str
    quote: str
    page: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what its set knows of it; `relevant` are documents, with or without evidence."""

    id: str
    text: str
    answerable: bool
    evidence: tuple[Evidence, ...]
    relevant: frozenset[str]
    raw: dict[str, Any]
    """The line as it stands in the set, for measures that need more of it."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as the product reads it. `name` is what a person would see in Drive."""

    id: str
    name: str
    extraction: Extraction


@dataclass(frozen=True, slots=True)
class DataSet:
    """A set, read."""

    name: str
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]


def names_of_sets(data: Path) -> list[str]:
    """The folders below `data` that are sets with questions about documents."""
    return sorted(
        folder.name
        for folder in data.iterdir()
        if (folder / "queries.jsonl").exists() or (folder / "questions.jsonl").exists()
    )


def load(folder: Path, cache: Path) -> DataSet:
    """Read a set. Extraction of files is kept below `cache`, by the hash of file and readers."""
    documents = tuple(_documents(folder, cache))
    return DataSet(folder.name, documents, tuple(_questions(folder)))


def _documents(folder: Path, cache: Path) -> Iterator[Document]:
    files = next((folder / name for name in ("corpus", "files") if (folder / name).is_dir()), None)
    if files is None:
        yield from _records(folder)
        return
    for path in sorted(files.rglob("*")):
        if path.is_file() and (extraction := _extracted(path, cache)):
            yield Document(path.name, path.name, extraction)


def _records(folder: Path) -> Iterator[Document]:
    """Lines of a corpus, each as the text file that its title would name."""
    packed = folder / "corpus.jsonl.gz"
    plain = (
        gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / "corpus.jsonl").read_bytes()
    )
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "record.txt"
        for line in plain.decode("utf-8").split("\n"):
            if not line:
                continue
            record = json.loads(line)
            title = re.sub(r"\s+", " ", record.get("title") or "")[:_TITLE_LENGTH]
            path.write_text(record["text"], encoding="utf-8")
            try:
                extraction = extract(path, "text/plain", f"{title}.txt")
            except Unreadable:
                continue
            yield Document(str(record["id"]), title, extraction)


def _extracted(path: Path, cache: Path) -> Extraction | None:
    """What the product reads of a file; None when it cannot be read. Pictures are left out."""
    readers = Path(extract.__code__.co_filename).parent
    digest = sha256(path.read_bytes())
    for source in sorted(readers.rglob("*.py")):
        if source.name != "chunks.py":
            digest.update(source.read_bytes())
    kept = cache / "extractions" / digest.hexdigest()
    if kept.exists():
        found: Extraction | None = pickle.loads(kept.read_bytes())  # noqa: S301 - our own file
        return found
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        extraction = extract(path, "", path.name, lambda _data, _mime_type: Transcript(""))
    except Unreadable:
        extraction = None
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(pickle.dumps(extraction))
    return extraction


def _questions(folder: Path) -> Iterator[Question]:
    judged = _judgments(folder / "qrels.tsv")
    names = ("queries_core.jsonl", "queries.jsonl", "questions.jsonl")
    path = next(folder / name for name in names if (folder / name).exists())
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        evidence = tuple(
            Evidence(item["doc_id"], item.get("quote") or "", item.get("page"))
            for item in record.get("evidence", [])
        )
        relevant = judged.get(record["id"]) or {
            *(item.document for item in evidence),
            *record.get("gold_docs", []),
        }
        answerable = not record.get("unanswerable", False)
        text = record.get("question_in_context") or record["question"]
        if answerable and not relevant:
            continue
        yield Question(record["id"], text, answerable, evidence, frozenset(relevant), record)


def _judgments(path: Path) -> dict[str, set[str]]:
    judged: dict[str, set[str]] = defaultdict(set)
    if path.exists():
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                if float(row["score"]) > 0:
                    judged[row["query-id"]].add(row["corpus-id"])
    return judged
