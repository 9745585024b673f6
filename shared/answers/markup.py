"""Takes out of a model's text what could make a page load or open something: images, links, HTML.

Answers are plain text; sources are opened by their own links. So nothing that a document made the model
write can call an address, with or without what somebody asked in its query.
"""

import re
from collections.abc import Iterable

_IMAGE = re.compile(r"!\[([^\]\n]*)\](?:\([^)\n]*\)?|\[[^\]\n]*\])")
_LINK = re.compile(r"\[([^\]\n]{0,300})\](?:\(\s*[^)\n]*\)?)")
_REFERENCE = re.compile(r"^\s{0,3}\[[^\]\n]+\]:\s*\S+.*$", re.MULTILINE)
_TAG = re.compile(r"<(?:/?[a-zA-Z!?][^>\n]{0,2000})(?:>|$)", re.MULTILINE)
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}://|(?<![a-z])(?:www\.|(?:javascript|data|vbscript|mailto):))[^\s<>\"')\]}]+",
    re.IGNORECASE,
)
_FORMULA = re.compile(
    r"=\s*(?:HYPERLINK|IMPORTXML|IMPORTDATA|IMPORTHTML|IMAGE|WEBSERVICE)\s*\([^)\n]*\)?", re.IGNORECASE
)
_MAIL = re.compile(r"^mailto:", re.IGNORECASE)
REMOVED = "(link removed)"


def plain_text(text: str, sources: Iterable[str] = ()) -> str:
    """`text` without images, links, HTML and spreadsheet formulas.

    An address stays, as text, only where a source has it word for word and it carries no query, fragment
    or sign-in, so that nothing can be told to anybody by opening it.
    """
    if not any(mark in text for mark in ("[", "<", ":", "www.", "WWW.", "=")):
        return text
    known = "\n".join(sources)
    text = _IMAGE.sub(lambda match: match[1], text)
    text = _REFERENCE.sub("", text)
    text = _LINK.sub(
        lambda match: match[0] if match[1].isdecimal() and "](" not in match[0] else match[1], text
    )
    text = _TAG.sub("", text)
    text = _FORMULA.sub("", text)
    return _ADDRESS.sub(lambda match: match[0] if _harmless(match[0], known) else REMOVED, text)


def _harmless(address: str, known: str) -> bool:
    stripped = address.rstrip(".,;:!?")
    scheme = stripped.partition("://")[0].casefold()
    allowed = scheme in ("http", "https") or stripped.casefold().startswith("www.")
    return allowed and stripped in known and not any(mark in stripped for mark in "?#@{}%\\")
