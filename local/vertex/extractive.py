"""The local model: it answers a question with sentences of the sources, or says that they have none.

It cannot be talked into anything, because all it does is quote. A unit's score mixes the cosine between
the question and the unit with the share of the question's words, weighted by rarity, that occur in the
unit, in what stands above it, or at least somewhere in its source.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from local.vertex.batching import Embedder
from local.vertex.encoder import WINDOW, Vectors
from local.vertex.passages import Unit, units
from local.vertex.prompt import Prompt
from local.vertex.terms import Rarity, terms

NO_ANSWER = "The sources do not answer this question."
MAX_QUOTES = 3
MAX_OVERVIEW = 8
CANDIDATES = 24
"""Units that are embedded for one question: the best by words, at most this many."""
CACHED_VECTORS = 4096

# Set by trying them on a few hundred questions with and without an answer; see README.md.
DENSE_WEIGHT = 0.5
ABOVE_WEIGHT = 0.6
AROUND_WEIGHT = 0.35
NUMBER_BONUS = 0.1
SCORE_FLOOR = 0.42
NEW_WORDS, NEW_WORDS_SCORE, AS_GOOD_SCORE = 0.15, 0.7, 0.92
SAME_WORDS = 0.8

_NUMBER_WANTED = re.compile(
    r"\b(?:how (?:much|many|long|big|large|often|far|old|high)|when|date|year|price|cost|costs|number)\b",
    re.IGNORECASE,
)
_OVERVIEW = re.compile(
    r"\b(?:summar(?:y|i[sz]e)|overview|key points|main points|list (?:all|every|each)|"
    r"(?:this|the) (?:file|document) about|zusammenfass\w*|fasse\b|worum geht|r\u00e9sum\w+|resum\w+)|"
    r"^what is \W.{1,100}\W about\?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Scored:
    """A unit, how well it answers, and which words of the question it covers."""

    unit: Unit
    score: float
    covered: frozenset[str]


class ExtractiveModel:
    """Answers from sources by quoting them."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    async def answer(self, prompt: Prompt) -> str:
        """One to three quotes, each followed by ` [n]`, or the decline word. No sources: the question."""
        if not prompt.sources:
            return prompt.decline or prompt.question or NO_ANSWER
        chosen = await self.quotes(prompt)
        if not chosen:
            return prompt.decline or NO_ANSWER
        # what does not end as a sentence does is not to run into the next quote
        apart = any(unit.row or not unit.text.endswith((".", "!", "?", "\u3002")) for unit in chosen)
        joiner = "\n" if apart else " "
        return joiner.join(f"{unit.text} [{unit.source}]" for unit in chosen)

    async def quotes(self, prompt: Prompt) -> list[Unit]:
        """One to three units that answer, best first; none when nothing does."""
        if _OVERVIEW.search(prompt.question):
            return await asyncio.to_thread(overview, prompt)
        ranked = await self.rank(prompt)
        if not ranked or ranked[0].score < SCORE_FLOOR:
            return []
        return together(ranked, Rarity([one.unit for one in ranked]), terms(prompt.question))

    async def rank(self, prompt: Prompt) -> list[Scored]:
        """The units that may answer the question, best first; none when there is nothing to compare."""
        scored = await asyncio.to_thread(candidates, prompt)
        if not scored:
            return []
        texts = [f"{one.unit.context} {one.unit.text}" for one in scored]
        asked, *vectors = await self._embed([prompt.question, *texts])
        number = _NUMBER_WANTED.search(prompt.question) is not None
        ranked = []
        for one, vector in zip(scored, vectors, strict=True):
            score = DENSE_WEIGHT * float(asked @ vector) + (1 - DENSE_WEIGHT) * one.score
            if number and not re.search(r"\d", one.unit.text):
                score -= NUMBER_BONUS
            ranked.append(Scored(one.unit, score, one.covered))
        return sorted(ranked, key=lambda one: -one.score)

    async def _embed(self, texts: Sequence[str]) -> list[Vectors]:
        """Unit vectors, remembered for the sentences that come again with the next question."""
        known = {text: self._vectors[text] for text in texts if text in self._vectors}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            encoded = await self._embedder.encode(new, WINDOW)
            known.update(zip(new, await self._embedder.embed(encoded, urgent=True), strict=True))
        for text in texts:
            self._vectors[text] = known[text]
            self._vectors.move_to_end(text)
        while len(self._vectors) > CACHED_VECTORS:
            self._vectors.popitem(last=False)
        return [known[text] for text in texts]


def overview(prompt: Prompt) -> list[Unit]:
    """What a whole document says: the first unit of some of its sources, evenly from beginning to end."""
    firsts = [found[0] for source in prompt.sources if (found := units(source))]
    step = max(1.0, len(firsts) / MAX_OVERVIEW)
    picked = [firsts[int(at * step)] for at in range(min(len(firsts), MAX_OVERVIEW))]
    return list({unit.text: unit for unit in picked}.values())


def candidates(prompt: Prompt) -> list[Scored]:
    """The units worth embedding: the best by words. A long prompt takes a while: not for the event loop."""
    pool: dict[str, Unit] = {}
    for source in prompt.sources:
        for unit in units(source):
            pool.setdefault(unit.text, unit)  # the same sentence in two sources is quoted from the first
    wanted = terms(prompt.question)
    return by_words(list(pool.values()), wanted)[:CANDIDATES] if wanted else []


def by_words(pool: Sequence[Unit], wanted: frozenset[str]) -> list[Scored]:
    """Units by the share of the question's weight that they cover, best first."""
    rarity = Rarity(pool)
    total = rarity.weight(wanted)
    around: dict[str, set[str]] = {}
    for unit in pool:
        around.setdefault(unit.source, set()).update(terms(f"{unit.context} {unit.text}") & wanted)
    scored = []
    for unit in pool:
        own = terms(unit.text) & wanted
        above = (terms(unit.context) & wanted) - own
        far = around[unit.source] - own - above
        weight = rarity.weight(own) + ABOVE_WEIGHT * rarity.weight(above) + AROUND_WEIGHT * rarity.weight(far)
        scored.append(Scored(unit, weight / total, own | above))
    return sorted(scored, key=lambda one: -one.score)


def together(ranked: Sequence[Scored], rarity: Rarity, wanted: frozenset[str]) -> list[Unit]:
    """The best unit, and up to two more that add words of the question or are nearly as good."""
    chosen, covered = [ranked[0]], ranked[0].covered
    total = rarity.weight(wanted)
    for one in ranked[1:]:
        if len(chosen) == MAX_QUOTES:
            break
        adds = rarity.weight(one.covered - covered) > NEW_WORDS * total
        floor = NEW_WORDS_SCORE if adds else AS_GOOD_SCORE
        if one.score > floor * ranked[0].score and not _repeats(one.unit, chosen):
            chosen.append(one)
            covered |= one.covered
    return [one.unit for one in chosen]


def _repeats(unit: Unit, chosen: Sequence[Scored]) -> bool:
    """Whether nearly the same words are quoted already."""
    words = set(re.findall(r"\w+", unit.text.casefold()))
    for one in chosen:
        other = set(re.findall(r"\w+", one.unit.text.casefold()))
        if len(words & other) > SAME_WORDS * max(len(words), len(other)):
            return True
    return False
