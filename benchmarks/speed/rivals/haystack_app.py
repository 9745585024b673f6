"""Haystack: a pipeline of embedder, in-memory store, prompt builder and generator, streamed by FastAPI.

As in its documentation ("Creating Your First QA Pipeline with Retrieval-Augmentation", "Pipeline.stream",
"GoogleGenAIChatGenerator", "InMemoryDocumentStore").
"""

from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
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
    texts,
)
from haystack import Document, Pipeline
from haystack.components.builders import ChatPromptBuilder
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.dataclasses import ChatMessage
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.google_genai import (
    GoogleGenAIDocumentEmbedder,
    GoogleGenAITextEmbedder,
)
from haystack_integrations.components.generators.google_genai import GoogleGenAIChatGenerator
from pydantic import BaseModel

_STORE = INDEX / "documents.json"
_VERTEX = {"api": "vertex", "vertex_ai_project": PROJECT, "vertex_ai_location": LOCATION}
_EMBEDDING = {"model": EMBEDDING_MODEL, "config": {"output_dimensionality": DIMENSIONS}, **_VERTEX}
_TEMPLATE = """{% for one in documents %}<source id="{{ loop.index }}" file="{{ one.meta["file"] }}">
{{ one.content }}
</source>
{% endfor %}
<question>
{{ question }}
</question>"""


def build() -> None:
    """Split, embed, save."""
    from haystack.components.preprocessors import RecursiveDocumentSplitter

    # its default would have NLTK fetch a model of sentences from the network
    separators = ["\n\n", "\n", ". ", " "]
    splitter = RecursiveDocumentSplitter(
        split_length=CHUNK, split_overlap=OVERLAP, split_unit="char", separators=separators
    )
    documents = splitter.run([Document(content=text, meta={"file": name}) for name, text in texts()])
    embedded = GoogleGenAIDocumentEmbedder(batch_size=1, **_EMBEDDING).run(documents["documents"])
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    store.write_documents(embedded["documents"])
    INDEX.mkdir(parents=True, exist_ok=True)
    store.save_to_disk(str(_STORE))


class Ask(BaseModel):
    """A question."""

    message: str


def _pipeline() -> Pipeline:
    store = InMemoryDocumentStore.load_from_disk(str(_STORE))
    made = Pipeline()
    made.add_component("embedder", GoogleGenAITextEmbedder(**_EMBEDDING))
    made.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=TOP_K))
    messages = [ChatMessage.from_system(instructions()), ChatMessage.from_user(_TEMPLATE)]
    made.add_component("prompt", ChatPromptBuilder(messages, required_variables="*"))
    settings = {"temperature": 0, "max_output_tokens": MAX_OUTPUT_TOKENS}
    made.add_component("model", GoogleGenAIChatGenerator(model=MODEL, generation_kwargs=settings, **_VERTEX))
    made.connect("embedder.embedding", "retriever.query_embedding")
    made.connect("retriever.documents", "prompt.documents")
    made.connect("prompt.prompt", "model.messages")
    return made


app = FastAPI()
pipeline = _pipeline() if _STORE.exists() else None


@app.post("/chat")
async def chat(ask: Ask) -> StreamingResponse:
    """Stream an answer."""

    async def events() -> AsyncIterator[str]:
        asked = {"embedder": {"text": ask.message}, "prompt": {"question": ask.message}}
        async for chunk in pipeline.stream(asked):
            yield event(chunk.content)

    return StreamingResponse(events(), media_type="text/event-stream")


if __name__ == "__main__":
    build()
