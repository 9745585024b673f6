"""`python -m local drive ...`: play an event script, or do one thing to a running Drive."""

import argparse
import base64
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from local.standin import LOOPBACK

BATCH_BYTES = 8_000_000
TIMEOUT_SECONDS = 120.0
Event = dict[str, Any]


def _with_content(event: Event, root: Path) -> Event:
    """The event with the bytes of its content_file in it. Raises OSError."""
    if "content_file" not in event or "content" in event:
        return event
    return event | {"content": base64.b64encode((root / event["content_file"]).read_bytes()).decode()}


def _script(path: Path, root: Path) -> Iterator[Event]:
    """The events of a script. Raises OSError, and ValueError that names the line."""
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except ValueError as error:
            raise ValueError(f"{path}:{number}: {error}") from None
        if not isinstance(event, dict):
            raise ValueError(f"{path}:{number}: not a JSON object")  # noqa: TRY004 (one kind of error for a bad line)
        yield _with_content(event, root)


def _permission(options: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {"emailAddress": options.address, "role": getattr(options, "role", "reader")}
    if options.address.partition(":")[0] in {"user", "group", "domain"}:
        found["type"], _, address = options.address.partition(":")
        found |= {"emailAddress": address, "domain": address}
    if getattr(options, "discoverable", False):
        found["allowFileDiscovery"] = True
    if getattr(options, "expires", None):
        found["expirationTime"] = options.expires
    return found


def _doc(options: argparse.Namespace, event: str, **more: Any) -> Event:
    return {"event": event, "doc_id": options.path} | more


def _in_folder(options: argparse.Namespace, event: str, **more: Any) -> Event:
    return {"event": event, "folder": options.path} | more


def _moved(options: argparse.Namespace) -> Event:
    return _doc(options, "move", path_after=options.to)


def _new_bytes(options: argparse.Namespace, event: str) -> Event:
    owner = {"owner": options.owner} if getattr(options, "owner", None) else {}
    made = _doc(options, event, content_file=options.file.name, path_after=options.path)
    if event != "create":
        del made["path_after"]
    return _with_content(made, options.file.parent) | owner


VERBS: dict[str, tuple[str, Callable[[argparse.Namespace], Event]]] = {
    "share": ("path with role", lambda o: _doc(o, "share", permission=_permission(o))),
    "unshare": ("path with", lambda o: _doc(o, "unshare", permission=_permission(o))),
    "trash": ("path", lambda o: _doc(o, "trash")),
    "untrash": ("path", lambda o: _doc(o, "untrash")),
    "delete": ("path", lambda o: _doc(o, "delete")),
    "move": ("path to", _moved),
    "rename": ("path to", lambda o: _doc(o, "rename", name_after=o.to)),
    "edit": ("path file", lambda o: _new_bytes(o, "edit")),
    "create": ("path file owner", lambda o: _new_bytes(o, "create")),
    "copy": ("path to", lambda o: {"event": "copy", "source": o.path, "doc_id": o.to, "path_after": o.to}),
    "transfer": ("path to", lambda o: _doc(o, "transfer_owner", new_owner=o.to)),
    "new-version": ("path file", lambda o: _new_bytes(o, "new_version")),
    "share-folder": ("path with role", lambda o: _in_folder(o, "share_folder", permission=_permission(o))),
    "unshare-folder": ("path with", lambda o: _in_folder(o, "unshare_folder", permission=_permission(o))),
    "trash-folder": ("path", lambda o: _in_folder(o, "trash_folder")),
    "untrash-folder": ("path", lambda o: _in_folder(o, "untrash_folder")),
    "rename-folder": ("path to", lambda o: _in_folder(o, "rename_folder", folder_after=o.to)),
    "limit": ("path", lambda o: {"event": "limit_folder", "folder": o.path}),
    "unlimit": ("path", lambda o: {"event": "unlimit_folder", "folder": o.path}),
    "member-add": (
        "path with role",
        lambda o: {"event": "drive_member_add", "folder": o.path, "permission": _permission(o)},
    ),
    "member-remove": (
        "path with",
        lambda o: {"event": "drive_member_remove", "folder": o.path, "permission": _permission(o)},
    ),
    "group-add": ("group member", lambda o: {"event": "group_add", "group": o.group, "member": o.member}),
    "group-remove": (
        "group member",
        lambda o: {"event": "group_remove", "group": o.group, "member": o.member},
    ),
    "clock": ("time", lambda o: {"event": "clock", "time": o.time}),
}
"""Each verb: the arguments that it takes, and the event that it stands for."""

OTHER_NAMES = {
    "new-version": ("new_version",),
    "share-folder": ("share_folder",),
    "unshare-folder": ("unshare_folder",),
    "trash-folder": ("trash_folder",),
    "untrash-folder": ("untrash_folder",),
    "rename-folder": ("rename_folder",),
    "transfer": ("transfer-owner", "transfer_owner"),
    "limit": ("limit-folder", "limit_folder"),
    "unlimit": ("unlimit-folder", "unlimit_folder"),
    "member-add": ("drive-member-add", "drive_member_add"),
    "member-remove": ("drive-member-remove", "drive_member_remove"),
    "group-add": ("group_add",),
    "group-remove": ("group_remove",),
}
"""An event's own name is a verb too, with dashes or as it is written in a script."""


def _add_arguments(parser: argparse.ArgumentParser, wanted: str) -> None:
    for name in wanted.split():
        match name:
            case "with":
                told = "an e-mail address, a domain, group:ADDRESS, or anyone"
                parser.add_argument("--with", dest="address", required=True, metavar="WHO", help=told)
            case "role":
                parser.add_argument("--role", default="reader", help="reader, commenter, writer, ...")
                parser.add_argument("--expires", metavar="TIME", help="when it runs out (RFC 3339)")
                parser.add_argument(
                    "--discoverable", action="store_true", help="found by search, not by link only"
                )
            case "file":
                parser.add_argument("file", type=Path, help="the file with the new bytes")
            case "owner":
                parser.add_argument("--owner", help="whose it is")
            case _:
                parser.add_argument(name)


def _parser() -> argparse.ArgumentParser:
    told = "Change the local Drive. PATH is a path in the Drive, a file's key, or its id."
    parser = argparse.ArgumentParser(prog="python -m local drive", description=told)
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument(
        "--drive-port", type=int, metavar="N", help="the Drive stand-in's port (else DRIVE_URL)"
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    play = verbs.add_parser("apply", parents=[where], help="play an event script")
    play.add_argument("script", type=Path, metavar="EVENTS.jsonl")
    play.add_argument("--root", type=Path, help="where content_file is looked for (else beside the script)")
    for verb, (wanted, _) in VERBS.items():
        names = OTHER_NAMES.get(verb, ())
        _add_arguments(verbs.add_parser(verb, parents=[where], aliases=names), wanted)
    return parser


def _address(options: argparse.Namespace) -> str:
    if options.drive_port:
        return f"http://{LOOPBACK}:{options.drive_port}/local/events"
    url = os.environ.get("DRIVE_URL", "")
    if not url:
        raise ValueError("which Drive? Give --drive-port N, or set DRIVE_URL.")
    return url.removesuffix("/").removesuffix("/drive/v3") + "/local/events"


def _batches(events: Iterator[Event]) -> Iterator[str]:
    """The events as JSON lines, in bodies of a bounded size."""
    lines: list[str] = []
    size = 0
    for event in events:
        line = json.dumps(event, ensure_ascii=False) + "\n"
        if lines and size + len(line) > BATCH_BYTES:
            yield "".join(lines)
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield "".join(lines)


def _play(address: str, events: Iterator[Event]) -> int:
    """Send the events in order and print what was applied; the first that fails ends it."""
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        for body in _batches(events):
            answer = client.post(address, content=body.encode())
            for line in answer.text.splitlines():
                report = json.loads(line)
                if "error" in report:
                    print(f"refused: {report['error']}", file=sys.stderr)
                else:
                    print(line, flush=True)
            if answer.status_code != httpx.codes.OK:
                return 1
    return 0


def main(argv: list[str]) -> int:
    """Run one command. Exit codes: 0 done, 1 refused by the Drive, 2 not understood, 3 no Drive answers."""
    options = _parser().parse_args(argv)
    try:
        if options.verb == "apply":
            root = options.root or options.script.parent
            return _play(_address(options), _script(options.script, root))
        verb = next((verb for verb, names in OTHER_NAMES.items() if options.verb in names), options.verb)
        return _play(_address(options), iter([VERBS[verb][1](options)]))
    except (OSError, ValueError) as error:
        print(f"python -m local drive: {error}", file=sys.stderr)
        return 2
    except httpx.HTTPError:
        print("python -m local drive: no Drive answers there; is it running?", file=sys.stderr)
        return 3
