"""The pages of auth: why signing in did not work, with one way on, and the sign-in doctor's."""

import base64
import hashlib
from functools import cache
from html import escape

from starlette.responses import HTMLResponse

from functions.auth.schemas import Diagnosis
from shared.errors import AppError

_STYLE = (
    "body{font:1.0625rem/1.6 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem;"
    "color:#12201d;background:#f5f8f7}h1{font-size:1.5rem;line-height:1.25}a{display:inline-block;"
    "margin-top:.75rem;padding:.6rem 1.1rem;border-radius:.5rem;background:#0a5f54;color:#fff;"
    "text-decoration:none}a:focus-visible{outline:3px solid #74d6c4}small{color:#4a5956}"
    "li{margin:0 0 1rem}"
    "@media(prefers-color-scheme:dark){body{color:#e7eeec;background:#121717}small{color:#a2b1ad}}"
)
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title} · Docent</title><style>{style}</style></head>
<body><main><h1>{title}</h1><p>{detail}</p><p><a href="{link}">{label}</a></p>
<p><small>Request {request_id}</small></p></main></body>
</html>
"""
_DIAGNOSIS = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title} · Docent</title><style>{style}</style></head>
<body><main><h1>{title}</h1><ul>{findings}</ul></main></body>
</html>
"""


def diagnosis_page(diagnosis: Diagnosis) -> HTMLResponse:
    """The findings as a list; a page of its own, so that it can be read while nothing else works."""
    items = "".join(
        f"<li><strong>{'✓ ok' if one.ok else '✗ failing'} · {escape(one.name)}</strong><br>{escape(one.says)}"
        + (f"<br><em>{escape(one.fix)}</em>" if one.fix else "")
        + "</li>"
        for one in diagnosis.findings
    )
    title = "Signing in is well" if diagnosis.ok else "Signing in needs attention"
    page = _DIAGNOSIS.format(title=title, findings=items, style=_STYLE)
    return HTMLResponse(page, headers={"Content-Security-Policy": _policy()})


def failure_page(error: AppError, request_id: str, *, link: str, label: str) -> HTMLResponse:
    """`error` for a person: its title, its sentence and one link. No script; the one style by its hash."""
    page = _PAGE.format(
        title=escape(error.title),
        detail=escape(error.detail),
        link=escape(link),
        label=escape(label),
        request_id=escape(request_id),
        style=_STYLE,
    )
    headers = {"Content-Security-Policy": _policy()}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return HTMLResponse(page, error.status, headers)


@cache
def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
