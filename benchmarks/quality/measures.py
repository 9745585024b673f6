"""Measures of a ranking, and how sure they are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.matching import Retrieved, holds, placed
from benchmarks.quality.sets import Question

ROUNDS = 1_000
"""Bootstrap samples."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval."""

    value: float
    low: float
    high: float


def evidence_recall(question: Question, passages: Sequence[Retrieved], depth: int = 8) -> float | None:
    """The share of its evidence in the first `depth` passages; None when none of it has a place."""
    wanted = [item for item in question.evidence if placed(item)]
    if not wanted:
        return None
    return sum(holds(passages[:depth], item) for item in wanted) / len(wanted)


def within(passages: Sequence[Retrieved], characters: int) -> list[Retrieved]:
    """The first passages, as many as fit into so much text; the last one is cut off where it ends."""
    kept: list[Retrieved] = []
    for passage in passages:
        if characters <= 0:
            break
        kept.append(replace(passage, text=passage.text[:characters]))
        characters -= len(passage.text)
    return kept


def page_recall(question: Question, passages: Sequence[Retrieved], depth: int = 8) -> float | None:
    """The share of the pages of its evidence that the first passages lie on; None when no page is named."""
    wanted = [item for item in question.evidence if item.page is not None]
    if not wanted:
        return None
    held = [
        any(item.page in one.pages and one.document == item.document for one in passages[:depth])
        for item in wanted
    ]
    return sum(held) / len(held)


def documents_in_order(passages: Sequence[Retrieved]) -> list[str]:
    """The documents of passages, each where its first passage stands."""
    return list(dict.fromkeys(passage.document for passage in passages))


def ndcg(relevant: frozenset[str], documents: Sequence[str], depth: int = 10) -> float:
    """Normalised discounted cumulative gain with binary gains (Järvelin and Kekäläinen, 2002)."""
    gained = math.fsum(
        1 / math.log2(rank + 1) for rank, name in enumerate(documents[:depth], 1) if name in relevant
    )
    ideal = math.fsum(1 / math.log2(rank + 1) for rank in range(1, min(depth, len(relevant)) + 1))
    return gained / ideal


def reciprocal_rank(relevant: frozenset[str], documents: Sequence[str]) -> float:
    """One over the rank of the first relevant document, 0 when there is none."""
    return next((1 / rank for rank, name in enumerate(documents, 1) if name in relevant), 0.0)


def estimate(values: Sequence[float], seed: int = 1) -> Estimate:
    """The mean and its percentile bootstrap interval over questions."""
    array = np.asarray(values, np.float64)
    picks = np.random.default_rng(seed).integers(0, len(array), (ROUNDS, len(array)))
    means = array[picks].mean(axis=1)
    return Estimate(float(array.mean()), *(float(x) for x in np.percentile(means, (2.5, 97.5))))


@dataclass(frozen=True, slots=True)
class Declining:
    """What a threshold on a score does: shares of unanswerable answered and of answerable refused."""

    threshold: float
    false_answers: float
    false_refusals: float


def declining_at(threshold: float, scores: NDArray[np.float64], answerable: NDArray[np.bool_]) -> Declining:
    """At one threshold: below it a question is declined."""
    answered = scores >= threshold
    return Declining(
        threshold,
        float(answered[~answerable].mean()) if (~answerable).any() else 0.0,
        float((~answered)[answerable].mean()) if answerable.any() else 0.0,
    )


def curve(scores: NDArray[np.float64], answerable: NDArray[np.bool_]) -> list[Declining]:
    """Both errors at every threshold that makes a difference, from the lowest."""
    thresholds = [*np.unique(scores), np.inf]
    return [declining_at(float(each), scores, answerable) for each in thresholds]


def equal_error_rate(scores: NDArray[np.float64], answerable: NDArray[np.bool_]) -> float:
    """Where false answers and false refusals cross, by linear interpolation."""
    before = None
    for point in curve(scores, answerable):
        if point.false_refusals >= point.false_answers:
            if before is None:
                return point.false_refusals
            gap = before.false_answers - before.false_refusals
            step = gap + point.false_refusals - point.false_answers
            share = gap / step if step else 0.0
            return before.false_answers + share * (point.false_answers - before.false_answers)
        before = point
    return 0.0
