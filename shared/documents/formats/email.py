"""E-mail messages (RFC 5322, MIME) and pages saved as MHTML."""

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Final

from shared.documents import limits
from shared.documents.formats.text import decode
from shared.documents.outline import Outline, one_line
from shared.documents.reasons import Unreadable, corrupt, encrypted
from shared.documents.source import Source
from shared.models import Extraction

_SHOWN: Final = ("Subject", "From", "To", "Cc", "Date")
_LENGTH: Final = re.compile(rb"\A\d+[ \t]*\r?\n")
"""What Apple Mail writes before a message: how long it is."""
_FORMS: Final = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text/x-amp-html"})
"""Other forms of the body; an invitation (text/calendar) says what the body often does not."""
_PARSING = (ValueError, TypeError, LookupError, AttributeError)


def read(source: Source) -> Extraction:
    """The envelope, the body in its plainest form, then each attachment as sections of its own."""
    data = source.data(limits.TEXT_BYTES * 2)
    data = _LENGTH.sub(b"", data.lstrip(b"\r\n\t \xef\xbb\xbf"), count=1)
    message = email.message_from_bytes(data, policy=email.policy.default)
    if not message.keys():
        raise corrupt("The message")
    if message.get_content_type() in {"multipart/encrypted", "application/pkcs7-mime"}:
        raise encrypted()
    outline = Outline(_header(message, "Subject"))
    envelope = ((name, _header(message, name)) for name in _SHOWN)
    outline.add("\n".join(f"{name}: {text}" for name, text in envelope if text))
    body = _body(message)
    if body is not None:
        _add_body(body, outline)
    for count, part in enumerate(_attachments(message, body)):
        if count >= limits.PARTS:
            outline.warn(f"Only the first {limits.PARTS} attachments were read.")
            break
        _attach(part, outline, source, count + 1)
    return outline.extraction()


def _header(message: EmailMessage, name: str) -> str:
    try:
        return one_line(str(message.get(name, "")))
    except _PARSING:
        # a header that breaks RFC 5322 is still shown, as it was written
        return one_line(str(dict(message.raw_items()).get(name, "")))


def _body(message: EmailMessage) -> EmailMessage | None:
    try:
        body = message.get_body(preferencelist=("plain", "html"))
    except _PARSING:
        return None
    return body if isinstance(body, EmailMessage) else None


def _add_body(body: EmailMessage, outline: Outline) -> None:
    data = body.get_payload(decode=True)
    if not isinstance(data, bytes):
        return
    text = decode(data, body.get_content_charset() or "")
    if body.get_content_type() == "text/html":
        from shared.documents.formats.html import add_html

        if text.strip():
            add_html(text, outline)
        return
    for paragraph in text.replace("\r\n", "\n").split("\n\n"):
        outline.add(paragraph)


def _attachments(message: EmailMessage, body: EmailMessage | None) -> Iterator[EmailMessage]:
    """Every part that is neither the body nor another form of it."""
    stack: list[EmailMessage] = [message]
    while stack:
        part = stack.pop()
        if part is body:
            continue
        if part.get_content_type() == "message/rfc822":
            yield part
        elif part.is_multipart():
            children = [each for each in part.iter_parts() if isinstance(each, EmailMessage)]
            if part.get_content_type() == "multipart/alternative":
                children = [each for each in children if each.get_content_type() not in _FORMS]
            stack.extend(reversed(children))
        elif part.get_filename() or part.is_attachment() or part.get_content_type() == "text/calendar":
            yield part


def _attach(part: EmailMessage, outline: Outline, source: Source, number: int) -> None:
    name = one_line(part.get_filename() or "") or f"attachment {number}"
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload(0)
        data: object = inner.as_bytes() if isinstance(inner, EmailMessage) else b""
    else:
        data = part.get_payload(decode=True)
    outline.add(f"Attachment: {name}", "note")
    if not isinstance(data, bytes) or part.get_content_type() == "application/pgp-signature":
        return
    try:
        outline.graft(source.nested(data, part.get_content_type(), name), name)
    except Unreadable as error:
        if error.code not in {"empty", "no-text"} and not part.get_content_type().startswith("image/"):
            outline.warn(f"The attachment {name} was left out: {error.sentence}")
