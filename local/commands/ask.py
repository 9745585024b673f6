"""`python -m local ask`: one question, as one person, over HTTP."""

import argparse
import asyncio
import json
import sys
from typing import Any

import httpx

from local.commands import running
from local.commands.events import read_events
from local.commands.token import token_of
from local.outgoing import loopback_client

KEYS = ("answer", "declined", "degraded", "sources", "conversation_id", "request_id")
SOURCE_KEYS = ("n", "file_id", "file", "locator", "quote", "link")

EPILOG = """\
exit codes:
  0  answered
  1  failed (nothing runs there, a bad question, or a service is down)
  2  the command line cannot be read
  3  declined: not in the documents this person may read
  4  refused (401, 403, 404, 429): this person may not, or too often

--json prints {"answer", "declined", "degraded", "sources": [{"n", "file_id", "file", "locator",
"quote", "link"}], "conversation_id", "request_id"}; when refused or failed it prints {"error":
PROBLEM} instead, and the sentence goes to standard error.
"""


async def ask(wanted: argparse.Namespace) -> dict[str, Any]:
    """Sign in, ask, sign out. Returns the answer with KEYS. Raises Failure."""
    token = await token_of(wanted.port, wanted.person)
    headers = {"Authorization": f"Bearer {token}"}
    base = running.base_url(wanted.port)
    question = {"message": wanted.question}
    if wanted.file_id:
        question["file_id"] = wanted.file_id
    if wanted.conversation:
        question["conversation_id"] = wanted.conversation
    try:
        async with loopback_client(base_url=base, headers=headers, timeout=running.TIMEOUT) as client:
            try:
                return await (_at_once if wanted.json else _streamed)(client, question)
            finally:
                await client.post("/auth/logout")
    except httpx.TransportError as error:
        running.unreachable(wanted.port, error)


async def _at_once(client: httpx.AsyncClient, question: dict[str, str]) -> dict[str, Any]:
    response = await client.post("/chat", json=question, headers={"Accept": "application/json"})
    if response.is_error:
        raise running.refusal(response, "Not answered")
    answer = {key: response.json().get(key) for key in KEYS}
    answer["sources"] = [{key: one.get(key) for key in SOURCE_KEYS} for one in answer["sources"] or []]
    return answer


async def _streamed(client: httpx.AsyncClient, question: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = {"answer": "", "sources": [], "declined": False, "degraded": False}
    finished = False
    accept = {"Accept": "text/event-stream"}
    async with client.stream("POST", "/chat", json=question, headers=accept) as response:
        if response.is_error:
            await response.aread()
            raise running.refusal(response, "Not answered")
        async for event, data in read_events(response.aiter_lines()):
            if event == "error":
                print()
                raise running.refused(data, "Broken off")
            if event == "token":
                print(data["text"], end="", flush=True)
                answer["answer"] += data["text"]
            elif event == "sources":
                answer["sources"] = data if isinstance(data, list) else data["sources"]
            else:
                answer |= data
                finished = finished or event == "done"
    print()
    if not finished:
        raise running.Failure("Broken off: the answer has no end.")
    return answer


def place(locator: dict[str, Any]) -> str:
    """Where in a file a source stands: "page 3", "sheet Prices, range A1:C9"."""
    return ", ".join(f"{kind} {value}" for kind, value in locator.items() if value not in (None, "", []))


def _list_sources(answer: dict[str, Any]) -> None:
    if answer["degraded"]:
        print("\n(The model could not be reached: these are the best passages.)")
    cited = [source for source in answer["sources"] if f"[{source['n']}]" in answer["answer"]]
    for source in cited:
        where = place(source.get("locator") or {})
        print(f"\n[{source['n']}] {source['file']}{', ' + where if where else ''}")
        print(f"    {source.get('link') or source.get('quote') or ''}")
    others = len(answer["sources"]) - len(cited)
    if others:
        print(f"\n{others} more passages were read; --json lists them")
    print(f"\nconversation {answer.get('conversation_id')}")


def main(argv: list[str]) -> int:
    """Ask one question. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m local ask",
        description="Asks one question as one person, over HTTP, and prints the answer and its sources.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--as", dest="person", required=True, metavar="EMAIL", help="who asks")
    parser.add_argument("--file-id", metavar="ID", help="ask this one file")
    parser.add_argument("--conversation", metavar="ID", help="go on with this conversation")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    running.add_port(parser)
    parser.add_argument("question")
    wanted = parser.parse_args(argv)
    try:
        answer = asyncio.run(ask(wanted))
    except running.Failure as failure:
        if wanted.json:
            print(json.dumps({"error": failure.problem}, ensure_ascii=False))
        return running.end(failure)
    except KeyboardInterrupt:
        print("broken off", file=sys.stderr)
        return running.FAILED
    if wanted.json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        _list_sources(answer)
    return running.DECLINED if answer["declined"] else running.ANSWERED
