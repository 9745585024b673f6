"""Outlook messages ([MS-OXMSG]): envelope, body, attachments."""

import struct
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.documents import limits
from shared.documents.compound import Compound
from shared.documents.formats.text import decode
from shared.documents.outline import Outline, clean, one_line
from shared.documents.reasons import Unreadable, corrupt
from shared.documents.source import Source
from shared.models import Extraction

_PREFIX: Final = "__substg1.0_"
_SUBJECT, _SENDER, _SENDER_ADDRESS, _TO, _CC = "0037", "0C1A", "0C1F", "0E04", "0E03"
_BODY, _HTML, _RTF, _DATA, _LONG_NAME, _NAME = "1000", "1013", "1009", "3701", "3707", "3704"
_SENT: Final = 0x00390040
_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_RTF_START: Final = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n"
    b"\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
"""What every compressed text may refer back to ([MS-OXRTFCP] 2.1.2.1)."""


def read(compound: Compound, source: Source) -> Extraction:
    """The same shape as an e-mail in its Internet form has."""
    subject = one_line(_string(compound, "", _SUBJECT))
    outline = Outline(subject)
    sender = " ".join(filter(None, (_string(compound, "", _SENDER), _address(compound))))
    envelope = [("Subject", subject), ("From", sender), ("To", _string(compound, "", _TO))]
    envelope += [("Cc", _string(compound, "", _CC)), ("Date", _sent(compound))]
    outline.add("\n".join(f"{name}: {one_line(text)}" for name, text in envelope if text.strip()))
    _add_body(compound, outline, source)
    folders = sorted(
        {name.split("/")[0] for name in compound.names if name.startswith("__attach_version1.0_")}
    )
    for number, folder in enumerate(folders[: limits.PARTS], 1):
        _attach(compound, folder, number, outline, source)
    return outline.extraction()


def _add_body(compound: Compound, outline: Outline, source: Source) -> None:
    if text := _string(compound, "", _BODY):
        for paragraph in clean(text).split("\n\n"):
            outline.add(paragraph)
        return
    data = compound.read(f"{_PREFIX}{_HTML}0102")
    if not data and (packed := compound.read(f"{_PREFIX}{_RTF}0102")):
        data = _unpacked(packed)
    try:
        inner = source.nested(data, "text/html", "body")
    except Unreadable:
        return
    for section in inner.sections:
        for block in section.blocks:
            outline.add(block.text, block.kind, header=block.header)


def _attach(compound: Compound, folder: str, number: int, outline: Outline, source: Source) -> None:
    name = _string(compound, folder, _LONG_NAME) or _string(compound, folder, _NAME) or f"attachment {number}"
    name = one_line(name)
    outline.add(f"Attachment: {name}", "note")
    data = compound.read(f"{folder}/{_PREFIX}{_DATA}0102")
    if not data:
        return
    try:
        outline.graft(source.nested(data, "", name), name)
    except Unreadable as error:
        if error.code not in {"empty", "no-text", "needs-ocr"}:
            outline.warn(f"The attachment {name} was left out: {error.sentence}")


def _string(compound: Compound, folder: str, tag: str) -> str:
    path = f"{folder}/{_PREFIX}{tag}" if folder else f"{_PREFIX}{tag}"
    if wide := compound.read(f"{path}001F"):
        return wide.decode("utf-16-le", "replace").strip("\x00")
    narrow = compound.read(f"{path}001E")
    return decode(narrow).strip("\x00") if narrow.strip(b"\x00") else ""


def _address(compound: Compound) -> str:
    address = _string(compound, "", _SENDER_ADDRESS)
    return f"<{address}>" if "@" in address else ""


def _sent(compound: Compound) -> str:
    properties = compound.read("__properties_version1.0")
    for at in range(32, len(properties) - 15, 16):
        tag, _, value = struct.unpack_from("<IIQ", properties, at)
        if tag == _SENT and value < 1 << 60:
            return f"{_EPOCH + timedelta(microseconds=value // 10):%a, %d %b %Y %H:%M:%S +0000}"
    return ""


def _unpacked(data: bytes) -> bytes:
    """Compressed RTF ([MS-OXRTFCP]) as plain RTF."""
    try:
        _, size, kind = struct.unpack_from("<II4s", data)
    except struct.error as error:
        raise corrupt("The message") from error
    if kind != b"LZFu":
        return data[16:]
    out = bytearray(_RTF_START)
    at, size = 16, min(size, limits.TEXT_BYTES) + len(_RTF_START)
    while at < len(data) and len(out) < size:
        control = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data):
                break
            if not control & 1 << bit:
                out.append(data[at])
                at += 1
                continue
            reference = int.from_bytes(data[at : at + 2], "big")
            at += 2
            offset, length = reference >> 4, (reference & 0xF) + 2
            start = len(out) - ((len(out) - offset) % 4096)
            if start == len(out):
                return bytes(out[len(_RTF_START) :])
            for n in range(length):
                out.append(out[start + n])
    return bytes(out[len(_RTF_START) :])
