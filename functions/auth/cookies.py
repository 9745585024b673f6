"""The one cookie, `__session`: first the pre-login token, then the session's two tokens."""

from starlette.responses import Response

from shared.identity.records import SessionTokens
from shared.identity.refresh_tokens import SEPARATOR
from shared.web.guard import COOKIE


def set_session(response: Response, tokens: SessionTokens, lifetime: float, *, secure: bool) -> None:
    """Both tokens, in the one cookie that is forwarded; scripts see neither."""
    set_cookie(response, f"{tokens.access}{SEPARATOR}{tokens.refresh}", lifetime, secure=secure)


def refresh_token_in(cookie: str) -> str:
    """The refresh token of a session cookie; "" when there is none."""
    return cookie.partition(SEPARATOR)[2]


def set_cookie(response: Response, value: str, lifetime: float, *, secure: bool) -> None:
    """Keep `value` in the browser for `lifetime` seconds, out of reach of scripts and of other sites.

    SameSite=Lax, not Strict: Google's redirect back to us has to bring it.
    """
    response.set_cookie(
        COOKIE, value, max_age=int(lifetime), path="/", secure=secure, httponly=True, samesite="lax"
    )


def clear_cookie(response: Response, *, secure: bool) -> None:
    """Remove it; the attributes must be those it was set with."""
    response.delete_cookie(COOKIE, path="/", secure=secure, httponly=True, samesite="lax")
