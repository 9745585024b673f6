"""How far passages speak to a question: enough to answer, or better to say that nothing was found.

A cosine alone cannot tell: a question about something the documents never mention is often close to
documents about similar things. So the terms of the question are looked for as well, the rarer ones
counting more, and near each other: words of a question that stand a page apart answer it by chance.
And they are looked for in the documents that the question names, whose names are not what is asked.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from shared.search.dates import dates
from shared.search.naming import documents_named
from shared.search.pinned import dated, months, names, said
from shared.search.ranking import Asked, Candidate
from shared.search.terms import terms

_LOOKED_INTO = 8
"""The first candidates: what the model would be given. Of a document that is named, all candidates."""
_TOGETHER = 4
"""Sentences or rows that are read together: a label, its value, and what they are about."""
_UNRELATED, _RELATED = 0.15, 0.5
"""Cosines at or below which two texts have nothing in common, and from which on they surely do; seen
with all-MiniLM-L6-v2 and to be fitted again for another embedding model."""
_NAME = 0.2
"""What a term counts that only names the document."""
_MOST_NAMED = 3
"""More documents than a question compares; then the name is one that all of them share."""
_READ = 40
"""The candidates in which a date or a name is looked for: much is said of it in the first, if anything."""
_NOT_SAID = 0.4
"""What is left of the evidence where no document speaks of the date or the name in the question."""


Named = Mapping[frozenset[str], frozenset[str]]
"""For each document that a question names the terms of its name, and the files that it may mean."""


def strength(question: Asked, candidates: Sequence[Candidate]) -> float:
    """Evidence, 0 to 1: the square root of closeness, times coverage.

    Closeness is the best cosine, stretched. Coverage is the largest share of the question's weight that four
    neighbouring sentences or rows hold together with their headings; of a question that names documents, the
    least of those shares over these documents. Closeness alone would take any document about similar things
    for an answer, coverage alone any list of the same words; so it is a product. Where a date or a name in
    the question is not spoken of, it is less than the threshold whatever else is held.
    """
    if not candidates:
        return 0.0
    similarity = max(one.cosine for one in candidates)
    closeness = min(1.0, max(0.0, (similarity - _UNRELATED) / (_RELATED - _UNRELATED)))
    named = documents_named(question, (one.passage for one in candidates))
    named = named if len(named) <= _MOST_NAMED else {}
    held = math.sqrt(closeness) * _covered(question, candidates, named)
    return held if _spoken_of(question, candidates[:_READ], named) else held * _NOT_SAID


def _spoken_of(question: Asked, candidates: Sequence[Candidate], named: Named) -> bool:
    """Whether the date in the question, beside something else that is asked, and its names are there."""
    asked = [one for one in dates(question.text) if one.year or one.day]
    if asked:
        files = frozenset[str]().union(*named.values())
        other = _asking() | months() | frozenset[str]().union(*named)
        wanted = [term for term in question.weights if term not in other and term.isalpha()]
        inside = [one for one in candidates if not files or one.passage.file_id in files]
        if wanted and not dated(asked, wanted, inside):
            return False
    return all(said(name, candidates) for name in names(question.text))


def _covered(question: Asked, candidates: Sequence[Candidate], named: Named) -> float:
    """How much of what is asked stands together, where it must stand."""
    weights = {term: weight for term, weight in question.weights.items() if term not in _asking()}
    weights = weights if sum(weights.values()) else dict(question.weights)
    if not named:
        return _largest(weights, candidates[:_LOOKED_INTO])
    return min(
        _largest(
            _of_document(weights, name, named), [one for one in candidates if one.passage.file_id in files]
        )
        for name, files in named.items()
    )


def _of_document(
    weights: Mapping[str, float], name: frozenset[str], named: Iterable[frozenset[str]]
) -> dict[str, float]:
    """What is asked about one of the documents named: without the others' names, and their years."""
    names = list(named)
    others = frozenset[str]().union(*names) - name
    return {
        term: weight * _NAME if term in name else weight
        for term, weight in weights.items()
        if term not in others and not (len(names) > 1 and term.isdecimal())
    }


def _largest(weights: Mapping[str, float], candidates: Iterable[Candidate]) -> float:
    """The largest share of the weight that neighbouring sentences hold, with the headings above them."""
    total = sum(weights.values())
    if not total:
        return 1.0
    return max((_held(weights, one) for one in candidates), default=0.0) / total


def _held(weights: Mapping[str, float], candidate: Candidate) -> float:
    """The weight of the best run of neighbouring sentences or rows."""
    headings = candidate.reading.headings
    above = sum([weight for term, weight in weights.items() if term in headings])
    asked = {term: weight for term, weight in weights.items() if term not in headings}
    sentences = [held.intersection(asked) for held in candidate.reading.sentences]
    runs = (
        frozenset[str]().union(*sentences[at : at + _TOGETHER])
        for at in range(max(1, len(sentences) - _TOGETHER + 1))
    )
    return above + max([sum([asked[term] for term in run]) for run in runs], default=0.0)


@cache
def _asking() -> frozenset[str]:
    """Terms that say what to do with the answer, or that somebody spoke, and are not looked for."""
    path = Path(__file__).parent / "stopwords" / "asking.en.txt"
    return frozenset(terms(path.read_text(encoding="utf-8")))
