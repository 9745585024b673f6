"""Follow-ups as they are asked and as Docent rewrites them, for sets whose questions have a `history`.

The local model rewrites nothing, so what is measured are the rules: another name put in, or the question
before put in front. A model can only add to that.
"""

from collections.abc import Mapping, Sequence

from benchmarks.quality.measures import documents_in_order, estimate
from benchmarks.quality.models import Streamed, extractive
from benchmarks.quality.run import Measured, SetRun
from shared.answers.followups import standing_alone
from shared.answers.interfaces import Turn

DEPTH = 5
AS_ASKED, REWRITTEN = "as asked", "docent"


async def followups(run: SetRun) -> Measured:
    """Recall of documents at 5 for answerable questions that follow others; and how many were rewritten."""
    model = Streamed(extractive(run.embedder))
    recalls: dict[str, list[float]] = {AS_ASKED: [], REWRITTEN: []}
    changed: list[float] = []
    for question in run.data.questions:
        history = turns(question.raw.get("history", []))
        if not history or not question.answerable:
            continue
        text = await standing_alone(question.text, history, model)
        changed.append(float(text != question.text))
        for system, asked in ((AS_ASKED, question.text), (REWRITTEN, text)):
            found = documents_in_order(run.indexed.retrieved(await run.indexed.find(asked)))[:DEPTH]
            recalls[system].append(len(question.relevant.intersection(found)) / len(question.relevant))
    if not changed:
        return {}
    return {
        "followup_recall@5": {system: estimate(values) for system, values in recalls.items()},
        "followups_rewritten": {REWRITTEN: estimate(changed)},
    }


def turns(history: Sequence[Mapping[str, str]]) -> list[Turn]:
    """Pairs of a person's message and the answer to it."""
    found: list[Turn] = []
    for one in history:
        if one["role"] == "user":
            found.append(Turn(one["content"], ""))
        elif found:
            found[-1] = Turn(found[-1].question, one["content"])
    return found
