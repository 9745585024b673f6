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

from shared.answers.encodings import other_readings

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
_PART = r"(?:block|snippet|excerpt|section|segment|fragment)"
_WORK = r"(?:code|implementation|solution|response|answer|output)"
_TASKS = (
    "write|explain|analy[sz]e|summari[sz]e|translate|repeat|paraphrase|classify|rewrite|complete|continue"
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
    r"^\W*(?:system|assistant|user|admin)\s*(?:(?:prompt|message|override)\s*:|[>\]])",
    r"^\W*(?-i:SYSTEM|ASSISTANT|USER|ADMIN)\s*:",
    rf"<!--.{{0,40}}\b{_MODEL}\b",
    rf"\bif (?:the |a |an |any )?(?:users?|humans?|{_MODEL})\b.{{0,40}}\b(?:asks?|reads?|queries|sees?)\b",
    r"\b(?:do not|don't|without|instead) print(?:ing)? (?:anything|the)\b|\bwrite the (?:token|phrase)\b",
    rf"\b(?:rest|remainder) of (?:the|your|this|each|every) {_REPLY}\b",
    rf"\bcode {_PART}\b.{{0,60}}\b(?:your (?:own )?{_WORK}|code you (?:develop|write|generate))\b",
    r"(?:^|[.:!,]\s*|\bplease\s+|\band\s+)ignore (?:(?:the|this|all|any) )?(?:question|query|filters?)\b",
    rf"^\W*(?:system|assistant|user|admin)\s*:\s*(?:you\b|new\b|override\b|from now\b|please\b|{_SAID}\b)",
    r"<\|[a-z_]+\|>|\[/?INST\]|<</?SYS>>|<end of session>|###\s*(?:instruction|system)|\bnew instructions?\b",
    r"</?(?:source|question|system|instructions?)[-\w]*[^>\n]{0,200}>",
    r"\b(?:system prompt|your (?:system )?instructions|act as an? unrestricted)\b",
    rf"^\W*(?:please )?(?:{_TASKS})\s+(?:the|this) (?:following|above|preceding)\b",
    r"\breplace (?:every|all|the)? ?(?:vowels?|letters?|characters?|words?) (?:in|with|by)\b",
    rf"\b(?:this|the following) (?:\w+ )?{_PASTED}\b[^:\n]{{0,20}}: ?['\"<{{]",
    r"[\"']role[\"']\s*:\s*[\"'](?:system|assistant|user|developer|tool)\b",
    r"\b(?:can|could|would|will) you (?:please )?(?:repeat|print|say|output|echo|ignore|pretend|act)\b",
    r"\bscenario (?:where|in which) (?:we|you|i) (?:say|state|claim|pretend)\b",
    r"\bi(?:'|\u2019| a)m your (?:developer|creator|owner|admin(?:istrator)?|operator)\b",
    r"!\[[^\]\n]*\]\(\s*(?:https?:|//|data:)|\bjavascript:|=\s*(?:HYPERLINK|IMPORTXML|WEBSERVICE)\s*\(",
)
_GENRE = (
    "essay|speech|poem|story|letter|e-?mail|introduction|summary|paragraph|article|outline|example|overview|"
    "code|script|function|program|recipe|joke|translation|equivalent|synonym|theory|plot|review|tips|list|book|movie|film|song|game"
)
_LESSON = r"the (?:process|concept|principles?|theory|basics|difference|meaning|history)"
"""What a pupil would have explained."""
_FOR_TEXT = re.compile(
    r"^\W*(?:as asked in [^:]{1,40}:\s*)?(?:please\s+)?"
    r"(?:write|draft|compose|develop|explain|describe|provide|suggest|translate|generate|create|give|recommend|summari[sz]e|"
    r"analy[sz]e|repeat|break down|paraphrase|classify|design|outline|propose|list)\s+"
    rf"(?:(?:\w+['\u2019]?\w*\s+){{0,3}}?(?:{_GENRE})\b|(?<=explain )(?:how|why|what|{_LESSON})\b)",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"^\W*(?:(?P<model>assistant|ai|bot|chatbot|system)|(?P<person>user|human|prompt))\s*:", re.IGNORECASE
)
_FENCE = "```"
_ADDRESSED = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\U000e0000-\U000e007f]")
_PIECE = re.compile(r"(?<=[.!?])\s+")
_GOES_ON = re.compile(r"[a-z(,;]|\"|\u201c|```|[<>]")
_PASTE = re.compile(rf"\b(?:this|the following) (?:\w+ )?{_PASTED}\b[^:\n]{{0,20}}: ?['\"<{{]", re.IGNORECASE)
_ENDED = re.compile(r"[.!?\u3002\"')\]>]\s*$")


@lru_cache(maxsize=8_192)
def addressed_to_a_model(text: str) -> bool:
    """Whether a line or sentence tells a model what to do, as it stands or as it can be decoded."""
    seen = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return any(_ADDRESSED.search(reading) for reading in (seen, *other_readings(seen)))


def asks_for_text(sentence: str) -> bool:
    """Whether a sentence orders a text to be written, as in "Draft an introduction": no answer does that."""
    return bool(_FOR_TEXT.search(sentence))


@lru_cache(maxsize=2_048)
def without_instructions(text: str) -> str:
    """`text` without the lines and sentences that talk to the model; the rest stays word for word.

    A line that goes on in the middle of such a sentence goes with it, and so do the block of code that it
    announces, the paragraph below it where it stands as a title, what it quotes to be worked on, and every
    turn of a conversation with an assistant.
    """
    lines, dropped, fenced, turns = [], False, False, _is_conversation(text)
    announced = False
    for line in text.split("\n"):
        opens = line.lstrip().startswith(_FENCE)
        if fenced or (dropped and opens):
            fenced = not (fenced and opens)
            dropped = False
            continue
        announced = announced and bool(line.strip())
        if announced or (dropped and _GOES_ON.match(line)) or (turns and _TURN.match(line)):
            continue
        pieces = _unpasted(_PIECE.split(line))
        left = [piece for piece in pieces if not addressed_to_a_model(piece)]
        dropped = len(left) < len(pieces) and addressed_to_a_model(pieces[-1])
        announced = dropped and not _ENDED.search(line) and not line.rstrip().endswith(":")
        if len(left) == len(pieces):
            lines.append(line)
        elif left:
            lines.append(" ".join(left))
    return "\n".join(lines)


def _unpasted(pieces: list[str]) -> list[str]:
    """A quotation that an order opens ("... of this paper: '") is one piece with all that follows it."""
    at = next((at for at, piece in enumerate(pieces) if _PASTE.search(piece)), len(pieces))
    return [*pieces[:at], " ".join(pieces[at:])] if at < len(pieces) else pieces


def _is_conversation(text: str) -> bool:
    """Whether lines of a text are turns of both a model and a person."""
    found = [match for line in text.split("\n") if (match := _TURN.match(line))]
    return any(one["model"] for one in found) and any(one["person"] for one in found)
