"""Which single-byte encoding a text is in, by the languages whose letters come out right.

Each encoding is tried with each language that is written in it; the pair that explains the most of the bytes
above ASCII is taken, when it explains nearly all. A byte is explained when it gives a letter of the language
in a place where one can stand (no capital within a word, no Cyrillic letter beside a Latin one), or a mark
that texts have (quotes, dashes, the euro). Ties go to the encoding that more files are in.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

_WEST: Final = (
    "äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúüªº¿¡", "ãáàâçéêíóôõúüªº", "àèéìíîòóùú", "éèëïóöüáíú", "æøåéèêóòâôä",
    "åäöéüà", "áðéíóúýþæö", "àçéèíïóòúü·",
)  # fmt: skip
_CENTRAL: Final = (
    "ąćęłńóśźż", "áčďéěíňóřšťúůýžöüä", "áäčďéíľĺňóôŕšťúýž", "áéíóöőúüű", "ăâîşţșț", "čćđšž", "äöüßé",
)  # fmt: skip
_TURKISH: Final = ("çğıöşüâîûİ",)
_BALTIC: Final = ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž")
_RUSSIAN: Final = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_CYRILLIC: Final = (
    _RUSSIAN,
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "абвгдђежзијклљмнњопрстћуфхцчџшѓѕќ",
)
_ENCODINGS: Final = (
    ("cp1252", _WEST), ("cp1251", _CYRILLIC), ("cp1250", _CENTRAL), ("cp1254", _TURKISH), ("cp1257", _BALTIC),
    ("iso8859-15", _WEST), ("iso8859-2", _CENTRAL), ("iso8859-9", _TURKISH), ("iso8859-13", _BALTIC),
    ("koi8-r", _CYRILLIC[:1]), ("koi8-u", _CYRILLIC[1:2]), ("iso8859-5", _CYRILLIC), ("cp866", _CYRILLIC[:1]),
    ("mac-cyrillic", _CYRILLIC), ("mac-roman", _WEST), ("cp850", _WEST), ("cp852", _CENTRAL),
    ("mac-latin2", _CENTRAL), ("cp857", _TURKISH),
)  # fmt: skip
"""The commoner first."""
_MARKS: Final = frozenset(
    "\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014\u2026\u20ac\u2022\u2122\u2116"  # quotes, dashes, euro
    "\u00a0\u00a7\u00b0\u00ab\u00bb\u00b1\u00d7\u00a9\u00ae\u00a3\u00b5\u00b7\u00bd\u00bc"
)
_WIDE_RUNS: Final = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff01-\uffee\u2010-\u2026]+")
_PLAIN_RUNS: Final = re.compile(r"[\x20-\x7e\t\r\n]+")
_USUAL_RUNS: Final = re.compile(r"[\u3000-\u30ff\uff01-\U0010ffff]+")
_ENOUGH: Final = 0.97
_VOWELS: Final = frozenset("аеёиоуыэюяіїєАЕЁИОУЫЭЮЯІЇЄ")
_VOWEL_SHARE: Final = 0.25
_WIDE: Final = 0.95
"""Signs of UTF-16 that must be ones of East Asia or ASCII: of chance ones every second is."""
_BLOCKS: Final = frozenset((*range(7), 0x0E, 0x10, 0x1E, 0x1F, 0x20, 0x21, 0x22, 0x25, 0x26))
_FEW_BLOCKS: Final = 4
"""The upper bytes of alphabets and of marks, and how many of them a text has."""
_WIDE_SIGNS: Final = 8
"""Signs below which nothing is concluded."""
_CONTROL: Final = frozenset(map(chr, (*range(8), *range(14, 26), *range(27, 32), *range(0x7F, 0xA0))))


def encoding_of(sample: bytes) -> str:
    """The encoding, "" when none explains the sample."""
    best, most = "", 0.0
    for encoding, languages in _ENCODINGS:
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROL.intersection(text):
            continue
        explained = max(_share(text, letters) for letters in _letters(languages))
        if explained > most + 1e-9:
            best, most = encoding, explained
    return best if most >= _ENOUGH else ""


def wide_encoding(sample: bytes) -> str:
    """UTF-16 without a byte order mark, whatever the script; "" for else."""
    if len(sample) < 2 * _WIDE_SIGNS:
        return ""
    first, second = set(sample[::2]), set(sample[1::2])
    for lane, other, encoding in ((second, first, "utf-16-le"), (first, second, "utf-16-be")):
        if 0 in lane and lane <= _BLOCKS and len(lane) <= _FEW_BLOCKS and len(other) > len(lane):
            return encoding  # an alphabet's letters have one upper byte, and spaces and digits have zero
    shares = {
        encoding: _east_asian(sample[: len(sample) // 2 * 2].decode(encoding, "replace"))
        for encoding in ("utf-16-le", "utf-16-be")
    }
    best = max(shares, key=lambda encoding: shares[encoding])
    return best if shares[best] >= _WIDE else ""


def _east_asian(text: str) -> float:
    """The share of signs of East Asia and of ASCII.

    Nothing where the former are the fewer, or without the kana, stops and spaces that every text has: two
    bytes of other encodings come out as Han characters too.
    """
    wide, plain, kana = (sum(map(len, runs.findall(text))) for runs in (_WIDE_RUNS, _PLAIN_RUNS, _USUAL_RUNS))
    usual = plain + kana
    return (wide + plain) / len(text) if wide > plain and usual * 33 > len(text) else 0.0


@cache
def _letters(languages: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(each + each.upper()) for each in languages)


def _share(text: str, letters: frozenset[str]) -> float:
    """How much of what is not ASCII the language explains."""
    high = explained = vowels = cyrillic = capitals = 0
    for before, character, after in _neighbours(text):
        if character < "\x80":
            continue
        high += 1
        cyrillic += _is_cyrillic(character)
        vowels += character in _VOWELS
        capitals += _is_cyrillic(character) and character.isupper()
        if character in letters:
            explained += _stands_well(before, character, after)
        elif character in _MARKS:
            explained += not (before.isalpha() and after.isalpha()) or character in "\u2019\u00b7\u00a0"
    if vowels < cyrillic * _VOWEL_SHARE or 2 * capitals > cyrillic:
        return 0.0  # the letters of another script, in the places of the Cyrillic ones
    return explained / high if high else 0.0


def _stands_well(before: str, character: str, after: str) -> bool:
    if character.isupper() and before.islower():
        return False
    if _is_cyrillic(character):
        return not any(each.isascii() and each.isalpha() for each in (before, after))
    return True


def _is_cyrillic(character: str) -> bool:
    return "\u0400" <= character <= "\u04ff"


def _neighbours(text: str) -> Iterator[tuple[str, str, str]]:
    return zip(f" {text}", text, f"{text[1:]} ", strict=False)
