"""Other readings of a text that somebody may have hidden from a reader and not from a model.

Each is tried only where the text looks like it: letters of other alphabets that pass for Latin ones, digits
for letters, spaced letters, Base64 and hexadecimal, escapes of HTML and addresses, and, where no common word
is in it, ROT13 and writing backwards.
"""

import base64
import binascii
import codecs
import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from shared.answers.language import ANY_FILLER, WORD

_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0458\u0455\u04bb\u0501\u0432\u043a\u043c\u043d\u0442"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0405\u0408"
    "\u03bf\u03b1\u03b5\u03b9\u03ba\u03bd\u03c1\u03c4\u03c5\u03c7\u039f\u0391\u0395\u0399\u039a\u039d\u03a1\u03a4\u03a5\u03a7",
    "aeopcxyijshdbkmhtABEKMHOPCTXISJoaeikvptuxOAEIKNPTYX",
)
_OTHER_ALPHABET = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_LATIN = re.compile(r"[A-Za-z]")
_LEET = str.maketrans("013457@$!|", "oieastasil")
_LEETED = re.compile(r"[A-Za-z][013457@$!|]+[A-Za-z]|\b[013457@$]+[a-z]{2}")
_SPACED = re.compile(r"(?:\b\w[ .\-_]){4,}\w\b")
_APART = re.compile(r"[ .\-_]")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}[ :]?){12,}")
_ESCAPED = re.compile(r"&#?\w{2,8};|%[0-9a-fA-F]{2}.{0,40}%[0-9a-fA-F]{2}")
_WORDS, _ODD = 3, 0.15
"""A text of so many words of which hardly one is common is looked at from behind, and letter by letter."""


def other_readings(text: str) -> Iterator[str]:
    """What the text may say to who looks more closely."""
    if _OTHER_ALPHABET.search(text) and _LATIN.search(text.translate(_ALIKE)):
        yield text.translate(_ALIKE)
    if _LEETED.search(text):
        yield text.translate(_LEET)
    if _SPACED.search(joined := re.sub(r"\s{2,}", "\n", text)):
        yield _SPACED.sub(lambda match: _APART.sub("", match[0]), joined).replace("\n", " ")
    if _ESCAPED.search(text):
        yield unquote(html.unescape(text))
    yield from _decoded(text)
    words = [word.casefold() for word in WORD.findall(text)]
    if len(words) >= _WORDS and sum(word in ANY_FILLER for word in words) <= _ODD * len(words):
        yield codecs.decode(text, "rot13")
        yield text[::-1]


def _decoded(text: str) -> Iterator[str]:
    """What stands in Base64 or hexadecimal, as far as it is text."""
    for match in _BASE64.finditer(text):
        yield from _as_text(_from_base64, match[0])
    for match in _HEX.finditer(text):
        yield from _as_text(bytes.fromhex, re.sub(r"[ :]", "", match[0]))


def _from_base64(text: str) -> bytes:
    """Either alphabet, with or without its padding."""
    packed = text.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(packed + "=" * (-len(packed) % 4))


def _as_text(decode: Callable[[str], bytes], packed: str) -> Iterator[str]:
    try:
        found = decode(packed).decode("utf-8")
    except (ValueError, binascii.Error):
        return
    if found.isprintable():
        yield found
