"""Embeddings through google-genai: each model's own rules, as Google documents them."""

import asyncio

import httpx
import numpy as np
import pytest
from google import genai
from google.genai import errors, types

from local.vertex.server import VertexServer

pytestmark = pytest.mark.source(
    "https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api"
)

DOCUMENT = types.EmbedContentConfig(task_type="RETRIEVAL_DOCUMENT", output_dimensionality=384)


async def embed(client: genai.Client, text: str, config: types.EmbedContentConfig = DOCUMENT) -> np.ndarray:
    """One text as a vector."""
    response = await client.aio.models.embed_content(
        model="gemini-embedding-001", contents=text, config=config
    )
    return np.array(response.embeddings[0].values)


@pytest.mark.source("local/vertex/README.md: the models")
async def test_vectors_mean_something(client: genai.Client) -> None:
    """A question is nearer to the sentence that answers it than to another, and vectors have length 1."""
    question = await embed(client, "How long is the warranty?")
    answer = await embed(client, "We guarantee every kettle for three years.")
    other = await embed(client, "The canteen opens at noon.")
    assert question @ answer > question @ other + 0.2
    assert np.linalg.norm(answer) == pytest.approx(1, abs=1e-4)


@pytest.mark.source("local/vertex/README.md: the models")
async def test_vectors_of_two_models_cannot_be_compared(client: genai.Client) -> None:
    """Within a model cosines are the same as in any other; across models a text is not near itself."""
    texts = ("How long is the warranty?", "We guarantee every kettle for three years.")
    spaces = []
    for model in ("gemini-embedding-001", "text-embedding-005", "gemini-embedding-2"):
        answers = [
            await client.aio.models.embed_content(model=model, contents=text, config=DOCUMENT)
            for text in texts
        ]
        spaces.append([np.array(one.embeddings[0].values) for one in answers])
    inside = [first @ second for first, second in spaces]
    assert inside == pytest.approx([inside[0]] * 3, abs=1e-5)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert abs(spaces[one][0] @ spaces[other][0]) < 0.3


@pytest.mark.source("local/vertex/README.md: the models")
async def test_vectors_do_not_depend_on_company(client: genai.Client) -> None:
    """A text embedded among many concurrent ones gets the vector it gets alone."""
    texts = [f"Sentence {n} about " + "kettles and lids " * n for n in range(12)]
    together = await asyncio.gather(*(embed(client, text) for text in texts))
    alone = [await embed(client, text) for text in texts]
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.source("local/vertex/README.md: what differs")
@pytest.mark.parametrize(("dimensions", "filled"), [(128, 128), (384, 384), (768, 384), (3072, 384)])
async def test_dimensions_cut_or_padded(client: genai.Client, dimensions: int, filled: int) -> None:
    """Fewer dimensions are the first ones, more are zeros behind: cosines stay what they are."""
    whole = await embed(client, "kettle")
    config = types.EmbedContentConfig(output_dimensionality=dimensions)
    vector = await embed(client, "kettle", config)
    assert len(vector) == dimensions
    np.testing.assert_allclose(vector[:filled], whole[:filled], atol=1e-6)
    assert not vector[filled:].any()


@pytest.mark.parametrize(
    ("model", "dimensions"), [("gemini-embedding-001", 3072), ("text-embedding-005", 768)]
)
async def test_default_dimensions_are_the_models(client: genai.Client, model: str, dimensions: int) -> None:
    """Without outputDimensionality the vector is as long as the real model's."""
    response = await client.aio.models.embed_content(model=model, contents="kettle")
    assert len(response.embeddings[0].values) == dimensions


@pytest.mark.parametrize(
    ("model", "dimensions"), [("text-embedding-005", 769), ("gemini-embedding-001", 3073)]
)
async def test_dimensions_out_of_range(client: genai.Client, model: str, dimensions: int) -> None:
    """More dimensions than the real model has are refused."""
    config = types.EmbedContentConfig(output_dimensionality=dimensions)
    with pytest.raises(errors.ClientError) as refused:
        await client.aio.models.embed_content(model=model, contents="kettle", config=config)
    assert (refused.value.code, refused.value.status) == (400, "INVALID_ARGUMENT")


async def test_one_instance_for_gemini_embedding_001(client: genai.Client, vertex: VertexServer) -> None:
    """gemini-embedding-001 takes one text per request unless the setting says more."""
    two = ["one", "two"]
    with pytest.raises(errors.ClientError) as refused:
        await client.aio.models.embed_content(model="gemini-embedding-001", contents=two)
    assert refused.value.code == 400
    vertex.settings.embed_instances = 2
    response = await client.aio.models.embed_content(model="gemini-embedding-001", contents=two)
    assert len(response.embeddings) == 2


async def test_250_instances_for_text_embedding_005(client: genai.Client, vertex: VertexServer) -> None:
    """text-embedding-005 takes 250 texts, in order, and not one more."""
    texts = [f"{n}" for n in range(250)]
    response = await client.aio.models.embed_content(model="text-embedding-005", contents=texts)
    assert len(response.embeddings) == 250
    assert vertex.control.calls["texts_embedded"] == 250
    assert vertex.control.calls["predict"] == 1
    with pytest.raises(errors.ClientError):
        await client.aio.models.embed_content(model="text-embedding-005", contents=[*texts, "x"])


async def test_20000_tokens_per_request(client: genai.Client, vertex: VertexServer) -> None:
    """Above 20,000 tokens in one request is a 400, and nothing is embedded."""
    with pytest.raises(errors.ClientError) as refused:
        await client.aio.models.embed_content(model="text-embedding-005", contents=["word " * 2001] * 10)
    assert refused.value.code == 400
    assert vertex.control.calls["texts_embedded"] == 0


async def test_truncation_is_told(client: genai.Client) -> None:
    """Past 2,048 tokens a text is cut, and the statistics say so."""
    response = await client.aio.models.embed_content(
        model="gemini-embedding-001", contents="kettle " * 2049, config=DOCUMENT
    )
    (found,) = response.embeddings
    assert (found.statistics.token_count, found.statistics.truncated) == (2048, True)


async def test_truncation_refused(client: genai.Client) -> None:
    """With autoTruncate false a text that is too long is a 400."""
    config = types.EmbedContentConfig(auto_truncate=False)
    with pytest.raises(errors.ClientError) as refused:
        await client.aio.models.embed_content(
            model="gemini-embedding-001", contents="kettle " * 2049, config=config
        )
    assert refused.value.code == 400


@pytest.mark.source("local/vertex/README.md: the models")
async def test_long_texts_are_read_to_the_end(client: genai.Client) -> None:
    """What stands behind the first window of a long text changes its vector."""
    start = "The kettle is made of steel. " * 80
    plain, ending = await embed(client, start), await embed(client, start + "Elephants live in Africa. " * 20)
    about = await embed(client, "Elephants live in Africa.")
    assert about @ ending > about @ plain + 0.1


async def test_billable_characters(client: genai.Client) -> None:
    """The metadata counts the characters that are not white space."""
    response = await client.aio.models.embed_content(model="text-embedding-005", contents=["a b", "c\nd e"])
    assert response.metadata.billable_character_count == 5


@pytest.mark.source("google-genai 2.34, Models.embed_content: several texts become the parts of one content")
async def test_several_parts_are_one_vector(client: genai.Client, vertex: VertexServer) -> None:
    """gemini-embedding-2 gives one vector for a content of several parts: the trap of the real one."""
    config = types.EmbedContentConfig(output_dimensionality=384)
    response = await client.aio.models.embed_content(
        model="gemini-embedding-2", contents=["one", "two"], config=config
    )
    assert len(response.embeddings) == 1
    assert response.embeddings[0].statistics.token_count == 2
    assert vertex.control.calls == {"embedContent": 1, "texts_embedded": 1}


@pytest.mark.source(
    "https://cloud.google.com/vertex-ai/generative-ai/docs/models/gemini/embedding-2: input limit"
)
async def test_the_limit_of_gemini_embedding_2(vertex: VertexServer) -> None:
    """Past 8,192 tokens a content is cut and says so; with autoTruncate false it is a 400."""
    path = "/v1/projects/p/locations/l/publishers/google/models/gemini-embedding-2:embedContent"
    content = {"parts": [{"text": "kettle " * 8200}]}
    async with httpx.AsyncClient(base_url=vertex.exports()["GENAI_BASE_URL"], timeout=60) as http:
        refused = await http.post(
            path, json={"content": content, "embedContentConfig": {"autoTruncate": False}}
        )
        assert (refused.status_code, refused.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
        cut = (await http.post(path, json={"content": content})).json()
    assert cut["truncated"] is True
    assert cut["usageMetadata"]["promptTokenCount"] == 8192


@pytest.mark.parametrize("model", ["textembedding-gecko", "text-embedding-004", "gemini-embedding-3"])
async def test_unknown_models(client: genai.Client, model: str) -> None:
    """An unknown or retired model is a 404 in Google's shape."""
    with pytest.raises(errors.ClientError) as refused:
        await client.aio.models.embed_content(model=model, contents="x")
    assert (refused.value.code, refused.value.status) == (404, "NOT_FOUND")
    assert f"publishers/google/models/{model}" in refused.value.message


@pytest.mark.parametrize(
    "config",
    [
        types.EmbedContentConfig(task_type="NO_SUCH_TASK"),
        types.EmbedContentConfig(task_type="RETRIEVAL_QUERY", title="A title"),
    ],
)
async def test_task_rules(client: genai.Client, config: types.EmbedContentConfig) -> None:
    """An unknown task, or a title on anything but a document, is a 400."""
    with pytest.raises(errors.ClientError) as refused:
        await embed(client, "x", config)
    assert refused.value.code == 400


async def test_empty_text(client: genai.Client) -> None:
    """A text without content is a 400."""
    with pytest.raises(errors.ClientError):
        await embed(client, " \n")


@pytest.mark.source("local/control/README.md")
@pytest.mark.parametrize(("status", "kind"), [("429", errors.ClientError), ("503", errors.ServerError)])
async def test_faults(client: genai.Client, vertex: VertexServer, status: str, kind: type[Exception]) -> None:
    """An armed fault answers instead of the model, once."""
    from local.control.faults import Fault

    vertex.control.faults.append(Fault("predict", status))
    with pytest.raises(kind):
        await embed(client, "x")
    await embed(client, "x")
    assert vertex.control.calls["texts_embedded"] == 1


@pytest.mark.source("local/control/README.md")
async def test_dropped_connection(client: genai.Client, vertex: VertexServer) -> None:
    """A dropped connection is a transport error to the client, not an HTTP status."""
    import httpx

    from local.control.faults import Fault

    vertex.control.faults.append(Fault("predict", drop=True))
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await embed(client, "x")
