"""What a generateContent request asks, as far as the local models understand it.

The product fences each source in lines `<source id="1" file="…">` and `</source>`, and the question in
`<question>`; the tag may carry a suffix nobody can guess (`<source-3f9a …>`), and then only tags with that
suffix count, whatever a source's own text contains.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.httperrors import invalid
from local.vertex.catalogue import OUTPUT_TOKENS

Json = Mapping[str, Any]
_STANDARD_ALPHABET = str.maketrans("-_", "+/")

_OPEN = r'^[ \t]*<source(?P<suffix>[-_:\w]*)(?P<attributes>(?:\s+[\w:-]+="[^"\n]*")*)\s*>[ \t]*$'
_ATTRIBUTE = re.compile(r'([\w:-]+)="([^"\n]*)"')
_DECLINE = re.compile(
    r"(?:exactly|only|just|verbatim)\W{1,4}(?:with\W{1,4})?(?:the (?:word|words|text|sentence|token)\W{1,4})?"
    r"(?P<token>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"
)
_TOKEN = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+){2,}\b")
_TRANSCRIBE = re.compile(
    r"transcri|\bocr\b|read (?:out )?the (?:text|image|scan)|extract (?:all |the )*text", re.IGNORECASE
)


@dataclass(frozen=True)
class Source:
    """A numbered source: `number` is its id attribute, `title` its file and heading, for context."""

    number: str
    title: str
    text: str


@dataclass(frozen=True)
class Prompt:
    """A request, taken apart."""

    system: str
    turns: tuple[tuple[str, str], ...]
    """(role, text) of each content."""
    sources: tuple[Source, ...]
    question: str
    decline: str | None
    """What the instructions want to hear when the sources have no answer."""
    images: tuple[bytes, ...]
    image_types: tuple[str, ...]
    max_tokens: int
    temperature: float | None

    @property
    def text(self) -> str:
        """Everything that was sent as text, for counting tokens."""
        return "\n".join(filter(None, [self.system, *(text for _, text in self.turns)]))

    @property
    def transcribe(self) -> bool:
        """Whether the text of an image is wanted."""
        return bool(self.images) and _TRANSCRIBE.search(self.text) is not None


def read_prompt(body: Json) -> Prompt:
    """Take a request apart. Raises ApiError 400 for what is malformed or not supported here."""
    contents = body.get("contents")
    if not isinstance(contents, list) or not contents:
        raise invalid("Unable to submit request because it must have at least one contents field.")
    config = body.get("generationConfig") or {}
    _refuse_unsupported(body, config)
    turns = tuple((_role(content), _text(content)) for content in contents)
    images = [image for content in contents for image in _images(content)]
    asked = next((text for role, text in reversed(turns) if role == "user"), "")
    system = _text(body["systemInstruction"]) if body.get("systemInstruction") else ""
    sources, question = split_sources(asked)
    return Prompt(
        system=system,
        turns=turns,
        sources=sources,
        question=question,
        decline=decline_token(system) or decline_token(asked if not sources else ""),
        images=tuple(data for _, data in images),
        image_types=tuple(kind for kind, _ in images),
        max_tokens=_max_tokens(config),
        temperature=config.get("temperature"),
    )


def split_sources(text: str) -> tuple[tuple[Source, ...], str]:
    """The numbered sources of a prompt and its question; without tags all text is the question."""
    opening = re.compile(_OPEN, re.MULTILINE)
    first = opening.search(text)
    if first is None:
        return (), _question(text, "[-_:\\w]*")
    suffix = re.escape(first["suffix"])
    closing = re.compile(rf"^[ \t]*</source{suffix}>[ \t]*$", re.MULTILINE)
    sources: list[Source] = []
    rest: list[str] = []
    at = 0
    while found := opening.search(text, at):
        if found["suffix"] != first["suffix"]:
            rest.append(text[at : found.end()])
            at = found.end()
            continue
        rest.append(text[at : found.start()])
        end = closing.search(text, found.end())
        stop = end.start() if end else len(text)
        sources.append(_source(found["attributes"], text[found.end() : stop], len(sources) + 1))
        at = end.end() if end else len(text)
    rest.append(text[at:])
    return tuple(sources), _question("\n".join(rest), suffix)


def decline_token(instructions: str) -> str | None:
    """The word in capitals that instructions ask for when there is no answer, such as NOT_IN_DOCUMENTS."""
    found = _DECLINE.search(instructions)
    if found:
        return found["token"]
    token = _TOKEN.search(instructions)
    return token[0] if token else None


def _source(attributes: str, text: str, position: int) -> Source:
    named = dict(_ATTRIBUTE.findall(attributes))
    number = named.pop("id", str(position))
    title = " ".join(
        value for name, value in named.items() if name in {"file", "title", "heading", "section"}
    )
    return Source(number, title, text.strip("\n"))


def _question(text: str, suffix: str) -> str:
    blocks = re.findall(rf"<question{suffix}[^>\n]*>(.*?)</question{suffix}>", text, re.DOTALL)
    return (blocks[-1] if blocks else text).strip()


def _role(content: Any) -> str:
    if not isinstance(content, Mapping) or not isinstance(content.get("parts"), Sequence):
        raise invalid("contents: each needs a list of parts.")
    role = content.get("role") or "user"
    if role not in {"user", "model"}:
        raise invalid("Please use a valid role: user, model.")
    return str(role)


def _text(content: Any) -> str:
    parts = content.get("parts") or [] if isinstance(content, Mapping) else []
    return "\n".join(str(part["text"]) for part in parts if isinstance(part, Mapping) and "text" in part)


def _images(content: Json) -> list[tuple[str, bytes]]:
    """(media type, bytes) of the inline images; anything else that is not text is refused."""
    found = []
    for part in content["parts"]:
        if not isinstance(part, Mapping) or not part or "text" in part:
            continue
        inline = part.get("inlineData") or part.get("inline_data")
        kind = str((inline or {}).get("mimeType") or (inline or {}).get("mime_type") or "")
        if inline is None or not kind.startswith("image/"):
            raise invalid(
                "The local model reads text and inline images only, not " + ", ".join(part) + f" {kind}."
            )
        try:
            # Google's JSON takes both alphabets, and its own client sends the one that is safe in URLs
            plain = str(inline.get("data") or "").translate(_STANDARD_ALPHABET)
            found.append((kind, base64.b64decode(plain, validate=True)))
        except (binascii.Error, ValueError):
            raise invalid("inlineData: the data is not base64.") from None
    return found


def _refuse_unsupported(body: Json, config: Json) -> None:
    for name in ("tools", "cachedContent"):
        if body.get(name):
            raise invalid(f"The local model does not support {name}.")
    kind = config.get("responseMimeType") or "text/plain"
    if kind != "text/plain":
        raise invalid(f"The local model answers in text/plain; responseMimeType {kind} is not supported.")
    for name in ("responseSchema", "responseJsonSchema"):
        if config.get(name):
            raise invalid(f"The local model does not support {name}.")
    if config.get("candidateCount") not in (None, 1):
        raise invalid("The local model gives one candidate; candidateCount must be 1.")


def _max_tokens(config: Json) -> int:
    wanted = config.get("maxOutputTokens")
    if wanted is None:
        return OUTPUT_TOKENS
    if not isinstance(wanted, int) or not 1 <= wanted <= OUTPUT_TOKENS:
        raise invalid(f"maxOutputTokens must be in the range [1, {OUTPUT_TOKENS}].")
    return wanted
