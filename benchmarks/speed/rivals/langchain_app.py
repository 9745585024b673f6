"""LangChain: FAISS, a chain of retriever, prompt and model, streamed by FastAPI.

As in its documentation ("Build a RAG app", "FAISS", "ChatGoogleGenerativeAI", "Streaming").
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
from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough
from langchain_google_genai import ChatGoogleGenerativeAI, GoogleGenerativeAIEmbeddings
from pydantic import BaseModel

embeddings = GoogleGenerativeAIEmbeddings(
    model=EMBEDDING_MODEL,
    vertexai=True,
    project=PROJECT,
    location=LOCATION,
    output_dimensionality=DIMENSIONS,
)


def build() -> None:
    """Split, embed, save."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
    documents = splitter.split_documents([Document(text, metadata={"file": name}) for name, text in texts()])
    vectors = embeddings.embed_documents([one.page_content for one in documents], batch_size=1)
    pairs = zip([one.page_content for one in documents], vectors, strict=True)
    store = FAISS.from_embeddings(pairs, embeddings, metadatas=[one.metadata for one in documents])
    store.save_local(str(INDEX))


class Ask(BaseModel):
    """A question."""

    message: str


def _shown(documents: list[Document]) -> str:
    return "\n".join(source(n, one.metadata["file"], one.page_content) for n, one in enumerate(documents, 1))


def _chain() -> object:
    store = FAISS.load_local(str(INDEX), embeddings, allow_dangerous_deserialization=True)
    prompt = ChatPromptTemplate(
        [("system", "{instructions}"), ("human", "{context}\n\n<question>\n{question}\n</question>")]
    ).partial(instructions=instructions())
    model = ChatGoogleGenerativeAI(
        model=MODEL,
        vertexai=True,
        project=PROJECT,
        location=LOCATION,
        temperature=0,
        max_output_tokens=MAX_OUTPUT_TOKENS,
    )
    retriever = store.as_retriever(search_kwargs={"k": TOP_K})
    found = {"context": retriever | _shown, "question": RunnablePassthrough()}
    return found | prompt | model | StrOutputParser()


app = FastAPI()
chain = _chain() if INDEX.exists() else None


@app.post("/chat")
async def chat(ask: Ask) -> StreamingResponse:
    """Stream an answer."""

    async def events() -> AsyncIterator[str]:
        async for text in chain.astream(ask.message):
            yield event(text)

    return StreamingResponse(events(), media_type="text/event-stream")


if __name__ == "__main__":
    build()
