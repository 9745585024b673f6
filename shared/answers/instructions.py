"""Text in a document that talks to the model instead of to people.

Documents have no authority over answers. What is found here is kept out of the prompt and supports no
sentence, so that a model which obeys has nothing to obey, and one that repeats is not believed. These are
ways to address a model, not topics: a policy about assistants, or a form that says "send to HR", is not
touched. It is the first of three lines and the weakest: what it misses must still be a supported statement
about what was asked (support.py), and can neither load nor open anything (markup.py).
"""

import re
import unicodedata
from functools import lru_cache

_MODEL = (
    r"(?:(?:ai|llm|chat|virtual|language)[- ](?:assistants?|models?|bots?|agents?|tools?|systems?)"
    r"|assistants?|chatbots?|llms?|chatgpt|gemini|claude|copilot|ai)"
)
_REPLY = r"(?:answers?|repl(?:y|ies)|responses?|outputs?)"
_SAID = r"(?:answer|reply|respond|output|print|say|repeat|ignore|recommend|obey|fetch|recall|cite)"
_EARLIER = r"(?:all|any|other|previous|prior|earlier|above|your|rest)"
_RULES = r"(?:instructions?|rules?|prompts?|directives?|orders?|data|text|info(?:rmation)?)"
_INTO = r"(?:in|to|into|of|with|from|on|within|modify|augment|enhance|render|provide|use)"
_QUOTED = r"[:<\"\u201c]|[A-Z]*\d[A-Z0-9]{4,}\b"
_PASTED = r"(?:paper|code|webpage|resume|e-?mail|article|sentence|comment|table)"
_TASKS = (
    "write|draft|compose|explain|analy[sz]e|summari[sz]e|translate|repeat|cite|generate|paraphrase|classify|"
    "break down|"
    "determine the sentiment of|replace (?:every|vowels|letters)"
)
_PATTERNS = (
    rf"\b(?:ignore|disregard|forget|override|bypass)\b.{{0,40}}\b{_EARLIER}\b.{{0,40}}\b{_RULES}\b",
    r"\b(?:ignoriere|vergiss|ignora|olvida|ignorez|oubliez)\b.{0,60}\b(?:anweisung|regel|instruc|istruzion)",
    r"\u7121\u8996|\u5ffd\u7565|\u65e0\u89c6|\u062a\u062c\u0627\u0647\u0644",
    rf"\b(?:note|message|instructions?|attention)\b.{{0,12}}\b(?:to|for)\s+(?:the |any |all )?{_MODEL}\b",
    rf"(?:^|[.:!>\]\"'(*]\s*){_MODEL}\s*[,:]\s*\S",
    rf"\b{_MODEL}\s+(?:should|must|shall|will|has to)\b.{{0,80}}\b{_SAID}\b",
    rf"\b{_INTO}\s+(?:your|the model's)\s+(?:\w+\s+){{0,2}}?{_REPLY}\b",
    r"^\W*(?:reply|respond|answer)\s+(?:with|only|just|in|as|to every|to all|[\"'\u201c\u2018])\b",
    rf"\b(?:print|output|echo|emit|say exactly|reply|respond)\b\s*(?:only|with|the following text|{_QUOTED})",
    r"\b(?:to|for|of)\s+(?:every|all) (?:later )?questions?\b|\bthe user's (?:question|query|data|session)\b",
    r"^\W*(?:system|assistant|user|admin)\s*(?:prompt|message|override)?\s*[:>\]]",
    r"<\|[a-z_]+\|>|\[/?INST\]|<</?SYS>>|<end of session>|###\s*(?:instruction|system)|\bnew instructions?\b",
    r"</?(?:source|question|system|instructions?)[-\w]*[^>\n]{0,200}>",
    r"\b(?:system prompt|your (?:system )?instructions|act as an? unrestricted)\b",
    rf"^\W*(?:please )?(?:{_TASKS})\s+(?:a|an|the|this|these|all|every|each|following|insights|how|why)\b",
    rf"\b(?:this|the following) (?:\w+ )?{_PASTED}\b[^:\n]{{0,20}}: ?['\"<{{]",
    r"!\[[^\]\n]*\]\(\s*(?:https?:|//|data:)|\bjavascript:|=\s*(?:HYPERLINK|IMPORTXML|WEBSERVICE)\s*\(",
)
_ADDRESSED = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)
_SPACED = re.compile(r"(?:\b\w ){4,}\w\b")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\U000e0000-\U000e007f]")
_PIECE = re.compile(r"(?<=[.!?])\s+")
_GOES_ON = re.compile(r"[a-z(,;]|\"|\u201c|```|>")


@lru_cache(maxsize=8_192)
def addressed_to_a_model(text: str) -> bool:
    """Whether a line or sentence tells a model what to do."""
    seen = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    if _ADDRESSED.search(seen):
        return True
    joined = re.sub(r"\s{2,}", "\n", seen)
    return bool(_SPACED.search(joined)) and bool(
        _ADDRESSED.search(_SPACED.sub(lambda match: match[0].replace(" ", ""), joined).replace("\n", " "))
    )


def without_instructions(text: str) -> str:
    """`text` without the lines and sentences that talk to the model; the rest stays word for word.

    A line that goes on in the middle of such a sentence goes with it.
    """
    lines, dropped = [], False
    for line in text.split("\n"):
        if dropped and _GOES_ON.match(line):
            continue
        pieces = _PIECE.split(line)
        left = [piece for piece in pieces if not addressed_to_a_model(piece)]
        dropped = len(left) < len(pieces) and addressed_to_a_model(pieces[-1])
        if len(left) == len(pieces):
            lines.append(line)
        elif left:
            lines.append(" ".join(left))
    return "\n".join(lines)
