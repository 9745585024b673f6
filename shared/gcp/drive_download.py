"""Bytes of a Drive file onto the disk: in ranges, so that a connection that breaks costs little."""

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from urllib3 import BaseHTTPResponse

from shared.errors import AppError, NotAllowed, TooLarge, Unavailable
from shared.gcp.drive_http import BrokenOff, DriveHttp, pieces
from shared.gcp.failures import http_failure
from shared.loopback import is_loopback

RESUMES = 5
"""How often a transfer that broke off is taken up again where it stopped."""
_PARTIAL, _OK, _NOTHING_LEFT = 206, 200, 416
_FORBIDDEN, _TOO_MANY = 403, 429
_HOSTS = (".google.com", ".googleapis.com", ".googleusercontent.com")


def fetch(client: DriveHttp, url: str, headers: Mapping[str, str], out: BinaryIO, limit: int) -> None:
    """Write what is at `url` to `out`, going on after a cut where the server knows ranges.

    Raises TooLarge over `limit` bytes, NotAllowed, NotFound, TooMany, Unavailable.
    """
    for attempt in range(RESUMES + 1):
        try:
            _from_here(client, url, dict(headers), out, limit)
        except BrokenOff as error:
            if attempt == RESUMES:
                raise Unavailable("Google Drive broke off a download.", retry_after=5) from error
        else:
            return


def _from_here(client: DriveHttp, url: str, headers: dict[str, str], out: BinaryIO, limit: int) -> None:
    start = out.tell()
    if start:
        headers["Range"] = f"bytes={start}-"
    with client.get(url, headers) as answer:
        if answer.status == _NOTHING_LEFT and start:
            return
        if answer.status not in (_OK, _PARTIAL):
            raise _refused(answer)
        if answer.status == _OK and start:  # the whole again: this server knows no ranges
            out.seek(0)
            out.truncate()
        for piece in pieces(answer):
            out.write(piece)
            if out.tell() > limit:
                raise TooLarge(f"The file is larger than {limit // 2**20} MB, so it is not read.")


def _refused(answer: BaseHTTPResponse) -> AppError:
    text = b"".join(pieces(answer))
    said = answer.headers.get("retry-after", "")
    wait = float(said) if said.isdecimal() else None
    if answer.status == _FORBIDDEN:
        if b"ateLimitExceeded" in text:
            return http_failure("Google Drive", _TOO_MANY, wait)
        if b"exportSizeLimitExceeded" in text:
            return TooLarge(
                "Google exports at most 10 MB of a document of its own types; this one is larger."
            )
        return NotAllowed("Its owner does not allow it to be downloaded.")
    return http_failure("Google Drive", answer.status, wait)


def trusted(link: str, api: str) -> bool:
    """Whether a link that Drive gave may be sent our token: Google's own hosts, or ours on this machine."""
    parts, home = urlsplit(link), urlsplit(api)
    if parts.scheme == "https" and (parts.hostname or "").endswith(_HOSTS):
        return True
    return parts.netloc == home.netloc and is_loopback(home.netloc)


def opened(target: Path) -> BinaryIO:
    """The file to write to, empty."""
    return target.open("w+b")
