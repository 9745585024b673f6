"""LangChain over a list of files, as its documentation shows it: `python langchain_side.py MODEL < PATHS`.

Runs under the interpreter that has LangChain installed. Each file by the loader that the documentation's
page of its kind shows, RecursiveCharacterTextSplitter with 1,000 and 200, InMemoryVectorStore. MODEL is
`free` or `minilm`; both sides have the same. Prints one line of JSON: files, chunks, failures, seconds of
each step, CPU seconds, the largest resident size in MB. With `parse` in the place of MODEL it only loads.
"""

import json
import resource
import sys
import time
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

STORE_EVERY = 500
"""Files whose chunks are added to the store together, so that not all of them are held twice."""
_PASS = 800
"""Tokens of one pass of the model, padding included, as local.vertex has them on two threads."""


def loaders() -> dict[str, Any]:
    """Kind -> loader."""
    import spacy
    from langchain_community import document_loaders as community
    from unstructured.nlp import tokenize

    # unstructured fetches a language model from GitHub to tell titles from prose; an empty one costs less
    empty = spacy.blank("en")
    empty.add_pipe("sentencizer")
    tokenize._load_spacy_model = lambda: empty  # noqa: SLF001 - it has no other way
    return {
        ".docx": community.Docx2txtLoader,
        ".pdf": community.PyPDFLoader,
        ".xlsx": community.UnstructuredExcelLoader,
        ".pptx": community.UnstructuredPowerPointLoader,
        ".txt": community.TextLoader,
        ".md": community.UnstructuredMarkdownLoader,
        ".html": community.BSHTMLLoader,
        ".csv": community.CSVLoader,
        ".eml": community.UnstructuredEmailLoader,
    }


def embeddings(name: str) -> Any:
    """The embedder in LangChain's form; `model_seconds` is what the model itself has taken."""
    from langchain_core.embeddings import Embeddings

    class Free(Embeddings):
        model_seconds = 0.0

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            from benchmarks.ingest.free_model import vector

            return [[float(number) for number in vector(text)] for text in texts]

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    class MiniLm(Free):
        def __init__(self) -> None:
            from local.vertex.encoder import Encoder

            self._encoder = Encoder()
            self._pool = ThreadPoolExecutor(2)

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            begun = time.perf_counter()
            found = self._vectors(texts)
            self.model_seconds += time.perf_counter() - begun
            return found

        def _vectors(self, texts: list[str]) -> list[list[float]]:
            import numpy as np

            from local.vertex.encoder import DIMENSIONS, unit

            windows = [
                (at, window) for at, text in enumerate(texts) for window in self._encoder.encode(text).windows
            ]
            windows.sort(key=lambda one: len(one[1]))
            passes: list[list[Any]] = [[]]
            for one in windows:
                if passes[-1] and (len(passes[-1]) + 1) * len(one[1]) > _PASS:
                    passes.append([])
                passes[-1].append(one)
            sums = np.zeros((len(texts), DIMENSIONS), np.float32)
            results = self._pool.map(lambda part: self._encoder.infer([window for _, window in part]), passes)
            for part, vectors in zip(passes, results, strict=True):
                for (at, _), vector in zip(part, vectors, strict=True):
                    sums[at] += vector
            return [[float(number) for number in unit(row)] for row in sums]

    return MiniLm() if name == "minilm" else Free()


def parse() -> None:
    """Load the files that stdin names, one after the other: see benchmarks/documents/parsing.py."""
    from benchmarks.documents.parsing import serve

    by_kind = loaders()
    serve(lambda path: sum(len(one.page_content) for one in by_kind[path.suffix](str(path)).load()))


def main() -> None:
    """Load, split, embed and store the files that stdin names."""
    warnings.simplefilter("ignore")
    from langchain_core.vectorstores import InMemoryVectorStore
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    by_kind, embedder = loaders(), embeddings(sys.argv[1])
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    store = InMemoryVectorStore(embedder)
    paths = [Path(line.rstrip("\n")) for line in sys.stdin]
    for kind in {path.suffix: path for path in paths}.values():
        by_kind[kind.suffix](str(kind)).load()  # imports are not timed, on neither side
    took: Counter[str] = Counter()
    failed: list[str] = []
    chunks, waiting = 0, []
    begun, cpu = time.perf_counter(), time.process_time()
    for number, path in enumerate(paths, 1):
        start = time.perf_counter()
        try:
            documents = by_kind[path.suffix](str(path)).load()
        except Exception as error:  # noqa: BLE001 - loaders raise what they like
            failed.append(f"{path.name}: {type(error).__name__}")
            continue
        loaded = time.perf_counter()
        waiting += splitter.split_documents(documents)
        took[path.suffix] += loaded - start
        took["split"] += time.perf_counter() - loaded
        if number % STORE_EVERY == 0 or number == len(paths):
            start = time.perf_counter()
            store.add_documents(waiting)
            took["store"] += time.perf_counter() - start
            chunks, waiting = chunks + len(waiting), []
    answer = {
        "files": len(paths) - len(failed),
        "failed": failed,
        "chunks": chunks,
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - cpu,
        "model": embedder.model_seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "took": {name: round(seconds, 2) for name, seconds in took.items()},
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    parse() if sys.argv[1] == "parse" else main()
