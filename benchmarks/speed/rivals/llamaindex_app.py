"""LlamaIndex: VectorStoreIndex in its default store, a streaming query engine behind FastAPI.

As in its documentation ("Starter", "Persisting and loading data", "Streaming", "Google GenAI").
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
    source,
    texts,
)
from llama_index.core import (
    ChatPromptTemplate,
    Document,
    Settings,
    StorageContext,
    VectorStoreIndex,
    get_response_synthesizer,
    load_index_from_storage,
)
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import MetadataMode, NodeWithScore, QueryBundle, TextNode
from llama_index.embeddings.google_genai import GoogleGenAIEmbedding
from llama_index.llms.google_genai import GoogleGenAI
from pydantic import BaseModel

_TOKEN = 4
"""Characters of a token, about: the splitter counts tokens."""
_PLACE = {"project": PROJECT, "location": LOCATION}
Settings.embed_model = GoogleGenAIEmbedding(
    model_name=EMBEDDING_MODEL,
    vertexai_config=_PLACE,
    embedding_config={"output_dimensionality": DIMENSIONS},
    embed_batch_size=1,
)
Settings.llm = GoogleGenAI(
    model=MODEL,
    vertexai_config=_PLACE,
    temperature=0,
    max_tokens=MAX_OUTPUT_TOKENS,
    context_window=1_000_000,
)


def build() -> None:
    """Split, embed, save."""
    from llama_index.core.node_parser import SentenceSplitter

    Settings.node_parser = SentenceSplitter(chunk_size=CHUNK // _TOKEN, chunk_overlap=OVERLAP // _TOKEN)
    documents = [Document(text=text, metadata={"file": name}) for name, text in texts()]
    VectorStoreIndex.from_documents(documents).storage_context.persist(str(INDEX))


class Numbered(BaseNodePostprocessor):
    """Shows the passages as numbered sources."""

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        del query_bundle
        return [
            NodeWithScore(
                node=TextNode(
                    text=source(n, one.metadata["file"], one.node.get_content(MetadataMode.NONE)),
                ),
                score=one.score,
            )
            for n, one in enumerate(nodes, 1)
        ]


class Ask(BaseModel):
    """A question."""

    message: str


def _engine() -> object:
    index = load_index_from_storage(StorageContext.from_defaults(persist_dir=str(INDEX)))
    template = ChatPromptTemplate.from_messages(
        [("system", instructions()), ("user", "{context_str}\n\n<question>\n{query_str}\n</question>")]
    )
    return index.as_query_engine(
        streaming=True,
        similarity_top_k=TOP_K,
        node_postprocessors=[Numbered()],
        response_synthesizer=get_response_synthesizer(
            streaming=True, use_async=True, text_qa_template=template
        ),
    )


app = FastAPI()
engine = _engine() if INDEX.exists() else None


@app.post("/chat")
async def chat(ask: Ask) -> StreamingResponse:
    """Stream an answer."""

    async def events() -> AsyncIterator[str]:
        response = await engine.aquery(ask.message)
        async for text in response.async_response_gen():
            yield event(text)

    return StreamingResponse(events(), media_type="text/event-stream")


if __name__ == "__main__":
    build()
