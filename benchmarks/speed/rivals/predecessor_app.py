"""The predecessor's shape: Flask with a thread a request, Google's SDKs at the top, all caches in memory.

Sessions, rate counts, answers and embeddings live in dictionaries of the one process; vectors in an array.
Served by gunicorn with threads, as functions-framework serves such an app.
"""

import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator

import googleapiclient.discovery  # noqa: F401 - as the predecessor did, for Drive
import numpy as np
import vertexai
from flask import Flask, Response, request, stream_with_context
from given import (
    CHUNK,
    DIMENSIONS,
    EMBEDDING_MODEL,
    INDEX,
    LOCATION,
    MAX_OUTPUT_TOKENS,
    MODEL,
    OVERLAP,
    PROJECT,
    TOP_K,
    event,
    instructions,
    source,
    texts,
)
from google import genai
from google.cloud import aiplatform, firestore, storage  # noqa: F401 - as above
from google.genai import types

vertexai.init(project=PROJECT, location=LOCATION)
client = genai.Client(vertexai=True, project=PROJECT, location=LOCATION)
_KEPT, _LIFETIME = 1000, 3600.0
_lock = threading.Lock()
answers: OrderedDict[str, tuple[float, str]] = OrderedDict()
vectors: OrderedDict[str, np.ndarray] = OrderedDict()
sessions: dict[str, float] = {}
_CHUNKS, _VECTORS = INDEX / "chunks.json", INDEX / "vectors.npy"


def embedded(text: str) -> np.ndarray:
    """A unit vector."""
    answer = client.models.embed_content(
        model=EMBEDDING_MODEL,
        contents=text,
        config=types.EmbedContentConfig(output_dimensionality=DIMENSIONS),
    )
    found = np.array(answer.embeddings[0].values, np.float32)
    return found / np.linalg.norm(found)


def build() -> None:
    """Split, embed, save."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
    chunks = [(name, piece) for name, text in texts() for piece in splitter.split_text(text)]
    INDEX.mkdir(parents=True, exist_ok=True)
    np.save(_VECTORS, np.stack([embedded(piece) for _, piece in chunks]))
    _CHUNKS.write_text(json.dumps(chunks), encoding="utf-8")


app = Flask(__name__)
chunks = json.loads(_CHUNKS.read_text(encoding="utf-8")) if _CHUNKS.exists() else []
matrix = np.load(_VECTORS) if _VECTORS.exists() else np.zeros((0, DIMENSIONS), np.float32)


def _prompt(question: str) -> str:
    key = question.casefold()
    with _lock:
        vector = vectors.get(key)
    if vector is None:
        vector = embedded(question)
        with _lock:
            vectors[key] = vector
            while len(vectors) > _KEPT:
                vectors.popitem(last=False)
    best = np.argsort(-(matrix @ vector))[:TOP_K]
    sources = "\n".join(source(n, *chunks[at]) for n, at in enumerate(best, 1))
    return f"{sources}\n\n<question>\n{question}\n</question>"


def _written(question: str) -> Iterator[str]:
    config = types.GenerateContentConfig(
        system_instruction=instructions(), temperature=0, max_output_tokens=MAX_OUTPUT_TOKENS
    )
    said = []
    stream = client.models.generate_content_stream(model=MODEL, contents=_prompt(question), config=config)
    for chunk in stream:
        if chunk.text:
            said.append(chunk.text)
            yield event(chunk.text)
    with _lock:
        answers[_key(question)] = time.monotonic(), "".join(said)
        while len(answers) > _KEPT:
            answers.popitem(last=False)


def _key(question: str) -> str:
    return hashlib.sha256(question.casefold().encode()).hexdigest()


@app.post("/chat")
def chat() -> Response:
    """Stream an answer, or give the one that is kept."""
    question = request.get_json()["message"]
    with _lock:
        sessions[request.headers.get("authorization", "")] = time.monotonic()
        kept = answers.get(_key(question))
    if kept is not None and time.monotonic() - kept[0] < _LIFETIME:
        return Response(event(kept[1]), mimetype="text/event-stream")
    return Response(stream_with_context(_written(question)), mimetype="text/event-stream")


if __name__ == "__main__":
    build()
