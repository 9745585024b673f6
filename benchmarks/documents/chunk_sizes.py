"""Which size of chunks finds the evidence: `python -m benchmarks.documents.chunk_sizes SET`.

SET is a folder with corpus/ and queries.jsonl (each line: question, evidence [{doc_id, quote}]). Chunks of
all files are ranked for each question by Okapi BM25 (k1 1.2, b 0.75) over context and text. Sizes are
compared at the same cost: what counts is whether the quote stands in the first chunks that fit 4,000
characters together, which is what a prompt would hold. Lexical on purpose: it needs no model and gives the
same answer everywhere.
"""

import argparse
import json
import math
import re
from collections import Counter
from pathlib import Path

from shared.documents.chunks import cut
from shared.documents.extract import extract
from shared.documents.reasons import Unreadable
from shared.models import Chunk, Extraction

BUDGET = 4_000
K1, B = 1.2, 0.75


class Index:
    """Okapi BM25 over chunks."""

    def __init__(self, chunks: list[tuple[str, Chunk]]) -> None:
        self.chunks = chunks
        terms = [Counter(words(f"{chunk.context} {chunk.text}")) for _, chunk in chunks]
        self._lengths = [sum(each.values()) for each in terms]
        self._mean = sum(self._lengths) / len(terms)
        self._postings: dict[str, list[tuple[int, int]]] = {}
        for number, each in enumerate(terms):
            for term, count in each.items():
                self._postings.setdefault(term, []).append((number, count))

    def ranked(self, question: str) -> list[int]:
        """Chunks that share a word with the question, best first."""
        scores: Counter[int] = Counter()
        for term in set(words(question)):
            postings = self._postings.get(term, [])
            weight = math.log(1 + (len(self.chunks) - len(postings) + 0.5) / (len(postings) + 0.5))
            for number, count in postings:
                share = 1 - B + B * self._lengths[number] / self._mean
                scores[number] += weight * count * (K1 + 1) / (count + K1 * share)  # type: ignore[assignment]
        return [number for number, _ in scores.most_common(50)]


def words(text: str) -> list[str]:
    """Lower-case words."""
    return re.findall(r"\w+", text.lower())


def plain(text: str) -> str:
    """Text as quotes are compared: without bars, white space collapsed."""
    return " ".join(text.replace("|", "").split())


def found(index: Index, question: str, doc_id: str, quote: str) -> bool:
    """Whether the quote stands in one of the first chunks that fit the budget."""
    left = BUDGET
    for number in index.ranked(question):
        name, chunk = index.chunks[number]
        left -= len(chunk.text)
        if left < 0:
            return False
        if name == doc_id and plain(quote) in plain(chunk.text):
            return True
    return False


def main() -> None:
    """Print, by limit: chunks, mean size, share of quotes whole in a chunk, share found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path)
    parser.add_argument("--queries", default="queries.jsonl")
    parser.add_argument("--limits", type=int, nargs="+", default=[400, 700, 1000, 1400, 2000])
    chosen = parser.parse_args()
    extractions: dict[str, Extraction] = {}
    for path in sorted((chosen.set / "corpus").iterdir()):
        try:
            extractions[path.name] = extract(path, "", path.name)
        except Unreadable as error:
            print(path.name, error.code)
    with (chosen.set / chosen.queries).open() as file:
        questions = [json.loads(each) for each in file]
    wanted = [
        (q["question"], e["doc_id"], e["quote"]) for q in questions for e in q["evidence"] if e.get("quote")
    ]
    for limit in chosen.limits:
        chunks = [(name, chunk) for name, each in extractions.items() for chunk in cut(each, name, limit)]
        index = Index(chunks)
        whole = sum(any(n == d and plain(q) in plain(c.text) for n, c in chunks) for _, d, q in wanted)
        hits = sum(found(index, *each) for each in wanted)
        mean = sum(len(chunk.text) for _, chunk in chunks) / len(chunks)
        print(
            f"limit {limit:5}: {len(chunks):6} chunks of {mean:5.0f} characters, "
            f"quotes whole {whole / len(wanted):.3f}, found {hits / len(wanted):.3f} of {len(wanted)}"
        )


if __name__ == "__main__":
    main()
