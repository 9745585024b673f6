"""Where a browser may be sent after sign-in: a path of ours, however it is spelled."""

from urllib.parse import unquote

HOME = "/"
_LONGEST = 2000
_DECODINGS = 3


def safe_return(target: str) -> str:
    """`target` when it is a path on this site and nothing else in any decoding; otherwise "/".

    It is never an error: a bad `return_to` must not keep anybody from signing in. The sign-in routes
    themselves are no place to return to, or a browser would go in circles.
    """
    if len(target) > _LONGEST:
        return HOME
    spelling = target
    for _ in range(_DECODINGS):
        if not _is_path(spelling):
            return HOME
        decoded = unquote(spelling, errors="replace")
        if decoded == spelling:
            return target
        spelling = decoded
    return HOME


def _is_path(spelling: str) -> bool:
    """One slash, then printable ASCII or letters; browsers take backslashes for slashes and drop controls."""
    if not spelling.startswith("/") or "\\" in spelling or "\ufffd" in spelling:
        return False
    if not all(character.isprintable() and character != " " for character in spelling.partition("?")[0]):
        return False
    if any(ord(character) < ord(" ") or not character.isprintable() for character in spelling):
        return False
    path = spelling.partition("?")[0].partition("#")[0]
    segments = path.split("/")
    if "//" in path or ".." in segments or "." in segments:
        return False
    return not path.startswith("/auth/")
