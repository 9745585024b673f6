"""One set, asked of every system; and the measures that are taken of it.

A measure is a function from a SetRun to {name: {system: Estimate}}; add another to MEASURES and it is in the
results, in the table of docs/quality.md, and in the averages.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import product, rivals
from benchmarks.quality.economy import on_firestore
from benchmarks.quality.embedding import CachedEmbedder
from benchmarks.quality.matching import Retrieved
from benchmarks.quality.measures import (
    Estimate,
    declining_at,
    documents_in_order,
    equal_error_rate,
    estimate,
    evidence_recall,
    ndcg,
    page_recall,
    reciprocal_rank,
    within,
)
from benchmarks.quality.sets import DataSet, Question
from shared.models import Passage
from shared.search.interfaces import Found
from shared.search.passages import Limits
from shared.settings import SearchSettings

DOCENT = "docent"
DEPTH = 8
"""Passages that a prompt gets, of every system."""
BUDGET = 6_000
"""Characters of text: what eight chunks of the usual recipe come to."""
FIRESTORE = "docent on firestore"
_DOCUMENT_DEPTH = 30
"""Passages asked of the product when whole documents are ranked; its first 8 are the same."""


@dataclass(frozen=True)
class SetRun:
    """What every system returned for the questions of a set."""

    data: DataSet
    rankings: Mapping[str, Sequence[rivals.Ranking]]
    threshold: float
    """The product's evidence below which it declines."""
    found: Sequence[Found]
    """What the product found for each question."""
    indexed: product.Product
    embedder: CachedEmbedder
    drawn: int = 100
    """Questions of the set that are answered, drawn once; the intervals say what that costs."""

    @property
    def documents(self) -> Mapping[str, str]:
        """The document of each file id."""
        return self.indexed.documents

    @property
    def passages(self) -> Mapping[str, Passage]:
        """Every passage of the set, by id."""
        return self.indexed.passages

    @property
    def chunks(self) -> Mapping[str, Sequence[str]]:
        """The ids of each document's passages, in order."""
        return {self.documents[name]: entry.chunks for name, entry in self.indexed.files.items()}

    def of_everybody(self) -> list[tuple[str, Sequence[rivals.Ranking]]]:
        """The product once, and every rival: for what does not depend on the index."""
        return [(system, ranked) for system, ranked in self.rankings.items() if system != FIRESTORE]

    def pairs(self, system: str) -> list[tuple[Question, tuple[Retrieved, ...]]]:
        """Each answerable question with the system's passages."""
        both = zip(self.data.questions, self.rankings[system], strict=True)
        return [(question, ranking.passages) for question, ranking in both if question.answerable]


Measured = dict[str, dict[str, Estimate]]
Curves = dict[str, list[list[float]]]


async def ask(data: DataSet, embedder: CachedEmbedder, drawn: int, *, llama: bool = True) -> SetRun:
    """Build the set's index for each system and ask all questions."""
    settings = SearchSettings()
    limits = Limits(settings.candidates, _DOCUMENT_DEPTH, settings.per_file)
    indexed = product.build(data, embedder, limits)
    embedder.embed([question.text for question in data.questions])
    every, own = await _ranked(indexed, data)
    _, economy = await _ranked(on_firestore(indexed), data)
    others = rivals.rank_all(data, embedder, llama=llama)
    rankings = {DOCENT: own, **others, FIRESTORE: economy}
    return SetRun(data, rankings, settings.evidence_threshold, every, indexed, embedder, drawn)


async def _ranked(indexed: product.Product, data: DataSet) -> tuple[list[Found], rivals.Rankings]:
    """What the product finds for each question, and the same as measures take it."""
    every = [await indexed.find(question.text) for question in data.questions]
    rankings = [rivals.Ranking(tuple(indexed.retrieved(found)), found.evidence) for found in every]
    return every, rankings


def retrieval(run: SetRun) -> Measured:
    """Evidence recall at 8 and in equally much text, pages, nDCG and rank of documents, characters."""
    measured: Measured = {}
    for system in run.rankings:
        pairs = run.pairs(system)
        documents = [(question.relevant, documents_in_order(found)) for question, found in pairs]
        short = [(question, within(found, BUDGET)) for question, found in pairs]
        values = {
            "evidence_recall@8": _known(evidence_recall(*one, DEPTH) for one in pairs),
            f"evidence_recall@{BUDGET}_characters": _known(
                evidence_recall(question, found, len(found)) for question, found in short
            ),
            "page_recall@8": _known(page_recall(*one, DEPTH) for one in pairs),
            "ndcg@10": [ndcg(*one) for one in documents],
            "mrr": [reciprocal_rank(*one) for one in documents],
            "characters@8": [float(sum(len(each.text) for each in found[:DEPTH])) for _, found in pairs],
        }
        for name, each in values.items():
            if each:
                measured.setdefault(name, {})[system] = estimate(each)
    return measured


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


@dataclass(frozen=True)
class Scored:
    """What a threshold would be put on: each system's score of each question, and which have an answer."""

    scores: Mapping[str, NDArray[np.float64]]
    answerable: NDArray[np.bool_]


def scored(run: SetRun) -> Scored:
    """The scores of a set, of everybody."""
    scores = {
        system: np.array([ranking.answer_score for ranking in rankings])
        for system, rankings in run.of_everybody()
    }
    return Scored(scores, np.array([question.answerable for question in run.data.questions]))


def joined(sets: Sequence[Scored]) -> Scored:
    """Several sets as one, with the systems that have them all."""
    systems = [system for system in sets[0].scores if all(system in one.scores for one in sets)]
    return Scored(
        {system: np.concatenate([one.scores[system] for one in sets]) for system in systems},
        np.concatenate([one.answerable for one in sets]),
    )


def declining(one: Scored, threshold: float) -> Measured:
    """The product's errors at its one threshold, and every system's equal error rate over all thresholds."""
    answerable = one.answerable
    if answerable.all():
        return {}
    refused = one.scores[DOCENT] < threshold
    measured: Measured = {
        "false_answers": {DOCENT: estimate([float(not each) for each in refused[~answerable]])},
        "false_refusals": {DOCENT: estimate([float(each) for each in refused[answerable]])},
        "equal_error_rate": {},
    }
    for system, each in one.scores.items():
        rate = equal_error_rate(each, answerable)
        generator = np.random.default_rng(1)
        draws = [generator.integers(0, len(each), len(each)) for _ in range(100)]
        rates = [
            equal_error_rate(each[draw], answerable[draw])
            for draw in draws
            if len(set(answerable[draw])) == 2
        ]
        low, high = np.percentile(rates, (2.5, 97.5))
        measured["equal_error_rate"][system] = Estimate(rate, float(low), float(high))
    return measured


def curves(run: SetRun, points: int = 21) -> Curves:
    """Of every system [threshold, false answers, false refusals], at even quantiles of its scores."""
    one = scored(run)
    if one.answerable.all():
        return {}
    found: Curves = {}
    for system, scores in one.scores.items():
        levels = np.quantile(scores, np.linspace(0, 1, points), method="nearest")
        at = [declining_at(float(level), scores, one.answerable) for level in dict.fromkeys(levels)]
        found[system] = [[each.threshold, each.false_answers, each.false_refusals] for each in at]
    return found


MEASURES: list[Callable[[SetRun], Measured]] = [retrieval, lambda run: declining(scored(run), run.threshold)]
