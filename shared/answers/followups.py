"""A follow-up made to stand alone: by rule where that is enough, by the model where it is not."""

import re
from collections.abc import Sequence

from shared.answers.interfaces import AnswerModel, ModelStopped, Turn
from shared.answers.language import ANY_FILLER, akin, content, plain
from shared.answers.prompt import standalone
from shared.answers.sentences import bare
from shared.errors import AppError
from shared.log import get_logger

LENGTH = 1_000
"""Characters of a question at most."""
_SHORT = 2
"""A question with fewer words of meaning leans on the one before it."""

_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|he|him|his|she|her|hers|this|that|these|those|then|same|former|latter|"
    r"(?<!is )(?<!are )(?<!was )(?<!were )there|"
    r"er|sie|ihn|ihm|ihr|dies\w*|dort|damit|davon|daf\u00fcr|il|elle|ils|elles|celui|celle|cela|ello|ellos|eso|esto|all\u00ed)\b",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"^\s*(?:and|or|but|so|what about|how about|any other|what else|which one|i mean|i meant|i'm asking|"
    r"und|oder|aber|was ist mit|was noch|ich meine?|et|ou|mais|je veux dire|y|e|o|pero)\b",
    re.IGNORECASE,
)
_ONE_OF_THEM = re.compile(r"\b(?:one|ones|another|others?)\s*[?.!]?\s*$", re.IGNORECASE)
_INSTEAD = re.compile(
    r"^\s*(?:and|but|what about|how about|and what about|und|was ist mit|et|y)\s+"
    r"(?P<preposition>(?:in|for|at|on|with|from|to|of|by|f\u00fcr|bei|mit|von|pour|\u00e0|en|para|con|de)\s+)?"
    r"(?P<what>(?:the\s+)?[^?.,!]{1,60}?)\s*\??\s*$",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<!^)\b[A-Z\u00c0-\u00de0-9][\w'-]*(?:\s+[A-Z\u00c0-\u00de0-9][\w'-]*)*")

_log = get_logger("answers")


def leans_on_history(question: str) -> bool:
    """Whether a question cannot be understood without the one before it: a cheap rule, no model."""
    if _OPENS.search(question):
        return True
    words = content(question)
    if len(words) < _SHORT or _ONE_OF_THEM.search(question):
        return True
    bare_topic = len(words) <= _SHORT and len(question.split()) == len(words) and not question.endswith("?")
    named = _NAME.search(question.strip())
    return not named and (bare_topic or bool(_POINTS_BACK.search(question)))


async def standing_alone(question: str, history: Sequence[Turn], model: AnswerModel) -> str:
    """The question, rewritten when it leans on the history; never longer than a question may be.

    What the model writes is only taken when every word of meaning in it stands in the question or the
    history. A model that fails costs nothing but that: the two questions are then put one behind the other.
    """
    if not history or not leans_on_history(question):
        return question
    replaced = _with_another_name(question, history[-1].question)
    if replaced:
        return replaced[:LENGTH]
    written = await _written(question, history, model)
    return (written or f"{history[-1].question} {question}")[:LENGTH]


def _with_another_name(question: str, before: str) -> str:
    """The earlier question with another name: "And in London?" after "What may a hotel in Lisbon cost?"."""
    found = _INSTEAD.match(question)
    if found is None or plain(found["what"].split()[0]) in ANY_FILLER - {"the"}:
        return ""
    names = list(_NAME.finditer(before))
    if found["preposition"]:
        word = found["preposition"].strip().casefold()
        names = [one for one in names if before[: one.start()].casefold().rstrip().endswith(f" {word}")]
    if len(names) != 1 or not found["what"][:1].isupper():
        return ""
    one = names[0]
    return before[: one.start()] + found["what"] + before[one.end() :]


async def _written(question: str, history: Sequence[Turn], model: AnswerModel) -> str:
    text = ""
    try:
        async for delta in model.stream(standalone(question, history)):
            text += delta.text
    except (ModelStopped, AppError) as failure:
        _log.warning("followup.not_rewritten", reason=type(failure).__name__)
        return ""
    written = bare(text.strip().split("\n")[0]).strip("\"'")
    known = {
        *content(question),
        *(term for turn in history for term in content(f"{turn.question} {turn.answer}")),
    }
    if not written or written == question or len(written) > LENGTH:
        return ""
    return written if all(any(akin(term, other) for other in known) for term in content(written)) else ""
