"""The usual recipes, on the same texts and the same embedder, each with its own splitter.

- langchain: RecursiveCharacterTextSplitter 1000/200 and FAISS (IndexFlatL2, what its FAISS store makes)
- llamaindex: SentenceSplitter as VectorStoreIndex uses it (1,024 tokens, 200 overlap), the file path in the
  embedded text as SimpleDirectoryReader puts it there, exact cosine
- bm25s: Lucene's BM25 (k1 1.5, b 0.75, the library's defaults) with its English stop words and Snowball's
  English stemmer, over LangChain's chunks
- rrf: reciprocal rank fusion (constant 60) of langchain and bm25s, 100 of each

Packages come from a folder of the benchmark's own; nothing here is needed by the product.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import Stemmer
from numpy.typing import NDArray

from benchmarks.quality.embedding import CachedEmbedder
from benchmarks.quality.matching import Retrieved
from benchmarks.quality.sets import DataSet, Document

DEPTH = 100
_RRF = 60


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a system returns for a question: passages, best first, and the score of the best one.

    `answer_score` is what a plain threshold would be put on.
    """

    passages: tuple[Retrieved, ...]
    answer_score: float


Rankings = list[Ranking]


def use_packages(folder: Path) -> None:
    """Make the benchmark's own packages importable, behind those of the project."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def rank_all(data: DataSet, embedder: CachedEmbedder, *, llama: bool = True) -> dict[str, Rankings]:
    """Every rival's rankings, in the order of the questions; LlamaIndex embeds most anew and may stay out."""
    questions = [question.text for question in data.questions]
    vectors = embedder.embed(questions, "questions")
    pieces = langchain_pieces(data.documents)
    dense = faiss_order(embedder.embed([piece.text for piece in pieces], f"{data.name} langchain"), vectors)
    lexical = bm25s_order([piece.text for piece in pieces], questions)
    fused = [_fused(*pair) for pair in zip(dense, lexical, strict=True)]
    found = {"langchain": dense, "bm25s": lexical, "rrf": fused}
    rankings = {name: _rankings(pieces, order) for name, order in found.items()}
    if llama:
        nodes, embedded = llamaindex_nodes(data.documents)
        order = faiss_order(embedder.embed(embedded, f"{data.name} llamaindex"), vectors)
        rankings["llamaindex"] = _rankings(nodes, order)
    return rankings


Order = list[tuple[NDArray[np.intp], NDArray[np.float64]]]
"""For each question the numbers of pieces, best first, and their scores."""


def _rankings(pieces: Sequence[Retrieved], order: Order) -> Rankings:
    return [
        Ranking(tuple(pieces[number] for number in numbers), float(scores[0]) if len(scores) else 0.0)
        for numbers, scores in order
    ]


def langchain_pieces(documents: Sequence[Document]) -> list[Retrieved]:
    """Chunks of 1,000 characters with an overlap of 200."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    return [
        Retrieved(document.id, piece, pages)
        for document in documents
        for text, pages in plain_parts(document)
        for piece in splitter.split_text(text)
    ]


def llamaindex_nodes(documents: Sequence[Document]) -> tuple[list[Retrieved], list[str]]:
    """Nodes as VectorStoreIndex.from_documents makes them, and the texts it embeds."""
    from llama_index.core import Document as LlamaDocument
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.schema import MetadataMode

    splitter = SentenceSplitter()
    nodes: list[Retrieved] = []
    embedded: list[str] = []
    for document in documents:
        for text, pages in plain_parts(document):
            path = {"file_path": f"/data/{document.name}"} if document.id == document.name else {}
            part = LlamaDocument(text=text, metadata=path)
            for node in splitter.get_nodes_from_documents([part]):
                nodes.append(Retrieved(document.id, node.get_content(MetadataMode.NONE), pages))
                embedded.append(node.get_content(MetadataMode.EMBED))
    return nodes, embedded


def plain_parts(document: Document) -> list[tuple[str, frozenset[int]]]:
    """A document's text as loaders hand it over: page by page when it has pages, else in one piece."""
    parts: dict[int | None, list[str]] = {}
    for section in document.extraction.sections:
        for block in section.blocks:
            texts = parts.setdefault(block.locator.page, [])
            if section.path and (not texts or section.path[-1] not in texts):
                texts.append(section.path[-1])
            texts.append(block.text)
    title = "" if document.id == document.name else f"{document.name}\n"
    return [
        (title + "\n\n".join(texts), frozenset() if page is None else frozenset((page,)))
        for page, texts in parts.items()
    ]


def faiss_order(vectors: NDArray[np.float32], questions: NDArray[np.float32]) -> Order:
    """The nearest by Euclidean distance, for unit vectors the order by cosine; scores are cosines."""
    import faiss

    index: Any = faiss.IndexFlatL2(vectors.shape[1])
    index.add(vectors)
    distances, numbers = index.search(questions, min(DEPTH, len(vectors)))
    return [
        (row, 1 - squared.astype(np.float64) / 2) for row, squared in zip(numbers, distances, strict=True)
    ]


def bm25s_order(texts: Sequence[str], questions: Sequence[str]) -> Order:
    """BM25 as the library's README uses it."""
    import bm25s

    stem = Stemmer.Stemmer("english").stemWords
    index = bm25s.BM25()
    index.index(
        bm25s.tokenize(list(texts), stopwords="en", stemmer=stem, show_progress=False), show_progress=False
    )
    order: Order = []
    for question in questions:
        tokens = bm25s.tokenize([question], stopwords="en", stemmer=stem, show_progress=False)
        numbers, scores = index.retrieve(tokens, k=min(DEPTH, len(texts)), show_progress=False)
        held = scores[0] > 0
        order.append((numbers[0][held], scores[0][held].astype(np.float64)))
    return order


def _fused(
    first: tuple[NDArray[np.intp], NDArray[np.float64]], second: tuple[NDArray[np.intp], NDArray[np.float64]]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Cormack, Clarke and Büttcher, SIGIR 2009."""
    scores: dict[int, float] = {}
    for numbers, _ in (first, second):
        for rank, number in enumerate(numbers, 1):
            scores[int(number)] = scores.get(int(number), 0.0) + 1 / (_RRF + rank)
    ordered = sorted(scores, key=lambda number: (-scores[number], number))[:DEPTH]
    return np.array(ordered, np.intp), np.array([scores[number] for number in ordered])
