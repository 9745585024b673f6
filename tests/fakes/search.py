"""Stateful fakes at the interfaces of search and answers."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from shared.answers.interfaces import (
    Conversation,
    Delta,
    Evidence,
    Feedback,
    Message,
    ModelStopped,
    Prompt,
    Share,
)
from shared.answers.looking import words_of
from shared.errors import AppError, NotFound, Unavailable
from shared.models import Locator, Passage, Person, Scope, Usage
from shared.search.interfaces import FileEntry, HybridQuery, Neighbor, TermStatistics

ALICE = Person("1", "alice@example.com", "example.com", "Alice")


def passage(file_id: str, number: int, text: str, **values: object) -> Passage:
    """A passage of a file; its id names the file, as chunk ids do."""
    fields: dict[str, object] = {
        "chunk_id": f"{file_id}.{number}",
        "file_id": file_id,
        "file_name": "",
        "text": text,
        "context": "",
        "locator": Locator(),
        "link": "",
        "ordinal": number,
        "score": 0.0,
        **values,
    }
    return Passage(**fields)  # type: ignore[arg-type]


@dataclass
class FakeQueryEmbedder:
    """Always the same vector; counts questions."""

    questions: list[str] = field(default_factory=list)

    async def query(self, text: str) -> list[float]:
        self.questions.append(text)
        return [1.0, 0.0]


@dataclass
class FakeFinder:
    """Returns what it holds, as far as the restricts of each chunk allow."""

    similarity: dict[str, float | None] = field(default_factory=dict)
    restricts: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    asked: list[Mapping[str, Sequence[str]]] = field(default_factory=list)
    queries: list[tuple[HybridQuery, int, int]] = field(default_factory=list)

    async def find(
        self, query: HybridQuery, allow: Mapping[str, Sequence[str]], limit: int, per_file: int
    ) -> Sequence[Neighbor]:
        self.asked.append(allow)
        self.queries.append((query, limit, per_file))
        found = [
            Neighbor(name, similarity)
            for name, similarity in sorted(self.similarity.items(), key=lambda item: -(item[1] or 0.0))
            if all(set(tokens) & set(self.restricts[name][space]) for space, tokens in allow.items())
        ]
        return found[:limit]


@dataclass
class FakeLibrary:
    """Passages and file records by id."""

    passages: dict[str, Passage] = field(default_factory=dict)
    files: dict[str, FileEntry] = field(default_factory=dict)
    reads: list[set[str]] = field(default_factory=list)
    state: str = ""

    def as_of(self, state: str) -> None:
        self.state = state

    async def read(
        self, chunk_ids: Collection[str], file_ids: Collection[str]
    ) -> tuple[Mapping[str, Passage], Mapping[str, FileEntry]]:
        self.reads.append(set(chunk_ids))
        return (
            {name: self.passages[name] for name in chunk_ids if name in self.passages},
            {name: self.files[name] for name in file_ids if name in self.files},
        )


@dataclass
class FakeRights:
    """Who may read what, by subject."""

    may: dict[str, set[str]] = field(default_factory=dict)

    async def readable(self, person: Person, file_ids: Collection[str]) -> frozenset[str]:
        return frozenset(file_ids) & frozenset(self.may.get(person.subject, set()))


@dataclass
class FakeGroupsOf:
    """Groups by address."""

    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)

    async def groups_of(self, email: str) -> tuple[str, ...]:
        return self.groups.get(email, ())


@dataclass
class FakeStatistics:
    """Term statistics; None makes the store unreachable."""

    known: TermStatistics | None = field(default_factory=TermStatistics)

    async def load(self) -> TermStatistics:
        if self.known is None:
            raise Unavailable
        return self.known

    async def add(self, file_id: str, added: TermStatistics, removed: TermStatistics) -> None:
        raise NotImplementedError


@dataclass
class FakeReranker:
    """Scores passages by the text it is told to prefer; None when it cannot be asked."""

    preferred: str | None = None

    async def scores(self, question: str, passages: Sequence[Passage]) -> Sequence[float] | None:
        if self.preferred is None:
            return None
        return [float(self.preferred in one.text) for one in passages]


@dataclass
class FakeSearcher:
    """Returns the evidence it was given."""

    found: Evidence
    questions: list[str] = field(default_factory=list)
    files: dict[str, Sequence[Passage]] = field(default_factory=dict)
    """All passages of files, in order."""
    unreadable: set[str] = field(default_factory=set)
    reads: list[str] = field(default_factory=list)
    """The files that were read as a whole."""

    async def evidence(self, person: Person, question: str, scope: Scope) -> Evidence:
        self.questions.append(question)
        return self.found

    async def whole(self, person: Person, file_id: str, chunks: Sequence[str] = ()) -> Sequence[Passage]:
        self.reads.append(file_id)
        if file_id in self.unreadable or file_id not in self.files:
            raise NotFound("There is no such file among your documents.")
        return self.files[file_id]

    async def current(self, person: Person, chunk_ids: Sequence[str]) -> Mapping[str, Passage]:
        known = {one.chunk_id: one for one in self.found.passages}
        known |= {one.chunk_id: one for file in self.files.values() for one in file}
        return {
            name: known[name]
            for name in chunk_ids
            if name in known and known[name].file_id not in self.unreadable
        }


@dataclass
class FakeModel:
    """Says its pieces; then stops or fails if it was told to."""

    pieces: list[str] = field(default_factory=list)
    failure: Exception | None = None
    prompts: list[Prompt] = field(default_factory=list)

    closed: int = 0
    """Streams that were closed before their end."""

    async def stream(self, prompt: Prompt) -> AsyncIterator[Delta]:
        self.prompts.append(prompt)
        ended = False
        try:
            for piece in self.pieces:
                yield Delta(piece)
            ended = True
            if self.failure:
                raise self.failure
            yield Delta("", Usage(prompt_tokens=10, output_tokens=5, model="fake"))
        finally:
            self.closed += not ended


@dataclass
class FakeConversations:
    """Conversations with their owner, messages, titles and feedback."""

    owners: dict[str, str] = field(default_factory=dict)
    messages: list[tuple[str, Message]] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    ratings: dict[str, Feedback] = field(default_factory=dict)
    shares: dict[str, Share | None] = field(default_factory=dict)
    failure: AppError | None = None
    """Raised instead of taking a message."""

    async def owner(self, conversation_id: str) -> str | None:
        return self.owners.get(conversation_id)

    async def append(self, conversation_id: str, person: Person, message: Message) -> None:
        if self.failure:
            raise self.failure
        self.owners[conversation_id] = person.subject
        self.messages.append((conversation_id, message))

    async def latest(self, conversation_id: str, limit: int) -> Sequence[Message]:
        return [one for name, one in self.messages if name == conversation_id][-limit:]

    async def of(self, person: Person, limit: int, before: Conversation | None) -> Sequence[Conversation]:
        mine = [self._conversation(name) for name, owner in self.owners.items() if owner == person.subject]
        mine.sort(key=lambda one: (one.updated_at, one.id), reverse=True)
        if before is not None:
            mine = [one for one in mine if (one.updated_at, one.id) < (before.updated_at, before.id)]
        return mine[:limit]

    async def find(self, person: Person, conversation_id: str) -> Conversation | None:
        mine = self.owners.get(conversation_id) == person.subject
        return self._conversation(conversation_id) if mine else None

    async def rename(self, conversation_id: str, title: str) -> None:
        self.titles[conversation_id] = title

    async def share(self, conversation_id: str, share: Share | None) -> None:
        self.shares[conversation_id] = share

    async def shared(self, share_id: str) -> Conversation | None:
        found = (name for name, one in self.shares.items() if one is not None and one.id == share_id)
        name = next((name for name in found if name in self.owners), None)
        return self._conversation(name) if name else None

    async def delete(self, conversation_id: str) -> None:
        del self.owners[conversation_id]
        self.messages = [one for one in self.messages if one[0] != conversation_id]

    async def rate(self, person: Person, feedback: Feedback) -> None:
        self.ratings[feedback.message_id] = feedback

    def _conversation(self, name: str) -> Conversation:
        mine = [one for known, one in self.messages if known == name]
        words = tuple(word for one in mine for word in words_of(one.question))
        title = self.titles.get(name, mine[-1].question)
        return Conversation(name, title, mine[-1].asked_at, self.shares.get(name), words)


STOPPED = ModelStopped("max_tokens")
