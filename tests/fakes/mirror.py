"""A Drive in a few lines, by the rules of its sidecar and of nothing else: who finds which document.

It is told the same events as the Drive that is served, and says what each person is to be told. It shares
no code with the local Drive or with Docent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LINK = " by link"
Grant = tuple[str, str, str]
"""Type and address of a principal, and until when it counts ("" for ever)."""


@dataclass
class Thing:
    """A file or folder; `word` names the document and `code` is what it says, where it is one."""

    above: str
    grants: set[Grant] = field(default_factory=set)
    withheld: set[tuple[int, str, str]] = field(default_factory=set)
    limited: bool = False
    trashed: bool = False
    word: str = ""
    code: str = ""


class Mirror:
    """Files by their keys, folders by the names that they had first."""

    def __init__(self, sidecar: Mapping[str, Any], codes: Mapping[str, tuple[str, str]]) -> None:
        """`codes` are word and code of each document, by key."""
        self.groups = {name: set(members) for name, members in sidecar["groups"].items()}
        self.things: dict[str, Thing] = {"": Thing("")}
        self.named: dict[str, str] = {}
        self.now = ""
        for name, entry in sidecar.get("shared_drives", {}).items():
            self._add(name, "", entry["members"], "")
        for path, entry in sorted(sidecar.get("folders", {}).items()):
            thing = self._add(path, path.rpartition("/")[0], entry.get("permissions", []), entry.get("owner"))
            thing.limited = bool(entry.get("inheritedPermissionsDisabled"))
        for key, entry in sidecar["files"].items():
            above = str(entry.get("folder", key.rpartition("/")[0]))
            self._add(key, above, entry.get("permissions", []), entry.get("owner"), *codes[key])

    def _add(
        self, name: str, above: str, listed: Any, owner: str | None, word: str = "", code: str = ""
    ) -> Thing:
        grants = {grant_of(one) for one in listed}
        if owner:
            grants.add(("user", owner, ""))
        self.things[name] = Thing(above, grants, word=word, code=code)
        return self.things[name]

    def _folder(self, path: str) -> str:
        """The first name of a folder that may have been renamed since."""
        first, _, rest = path.partition("/")
        found = self.named.get(first, first)
        return f"{found}/{rest}" if rest else found

    def path(self, name: str) -> str:
        """Where a folder is now, by the name that it had first."""
        first, _, rest = name.partition("/")
        now = next((new for new, old in reversed(self.named.items()) if old == first), first)
        return f"{now}/{rest}" if rest else now

    def apply(self, event: Mapping[str, Any], codes: Mapping[str, tuple[str, str]]) -> None:
        """Take an event over; `codes` are those of new contents, by their files."""
        kind, self.now = event["event"], str(event.get("time") or self.now)
        if kind in ("create", "copy"):
            above = self._folder(event["path_after"].rpartition("/")[0])
            self._add(event["doc_id"], above, (), event["owner"], *codes[event["content_file"]])
        elif kind.startswith("group_"):
            members = self.groups[event["group"]]
            (members.add if kind == "group_add" else members.discard)(event["member"])
        elif kind == "delete":
            del self.things[event["doc_id"]]
        elif kind == "rename_folder":
            self.named[event["folder_after"]] = self._folder(event["folder"])
        elif kind not in ("clock", "rename"):
            named = event["doc_id"] if "doc_id" in event else self._folder(event["folder"])
            self._change(self.things[named], kind, event, codes)

    def _change(
        self, thing: Thing, kind: str, event: Mapping[str, Any], codes: Mapping[str, tuple[str, str]]
    ) -> None:
        if kind in ("edit", "new_version"):
            thing.word, thing.code = codes[event["content_file"]]
        elif kind == "move":
            thing.above = self._folder(event["path_after"].rpartition("/")[0])
        elif "trash" in kind:
            thing.trashed = not kind.startswith("un")
        elif "limit" in kind:
            thing.limited = not kind.startswith("un")
        elif kind == "transfer_owner":
            thing.grants.add(("user", event["new_owner"], ""))
        else:
            self._give_or_take(thing, kind, grant_of(event["permission"]))

    def _give_or_take(self, thing: Thing, kind: str, grant: Grant) -> None:
        """Given anew, it flows down again; taken away, what flows from above stops here."""
        plain = grant[1].removesuffix(LINK)
        principals = {(grant[0], plain), (grant[0], plain + LINK)}
        flowing = {one for one in self._grants(thing) if one[1:] in principals and one[0] != id(thing)}
        thing.grants = {one for one in thing.grants if one[:2] not in principals}
        if kind in ("share", "share_folder", "drive_member_add"):
            thing.grants.add(grant)
            for one in self.things.values():
                one.withheld -= {(id(thing), *principal) for principal in principals}
        else:
            thing.withheld |= flowing

    def groups_of(self, person: str) -> set[str]:
        """The groups of a person, by whatever way: groups lie in groups, and some in themselves."""
        found: set[str] = set()
        while True:
            more = {name for name, members in self.groups.items() if members & {person, *found}}
            if more <= found:
                return found
            found |= more

    def told(self, person: str) -> dict[str, str]:
        """The codes that the person is to be told, by the words of their documents."""
        own = {("user", person), ("domain", person.rpartition("@")[2]), ("anyone", "")}
        own |= {("group", name) for name in self.groups_of(person)}
        return {
            thing.word: thing.code
            for thing in self.things.values()
            if thing.word and not self._in_trash(thing) and self._principals(thing) & own
        }

    def _principals(self, thing: Thing) -> set[tuple[str, str]]:
        """For whom it counts now."""
        given = {id(one): one for one in self.things.values()}
        return {
            (kind, address)
            for source, kind, address in self._grants(thing)
            if any(
                one[:2] == (kind, address) and (not one[2] or not self.now or one[2] > self.now)
                for one in given[source].grants
            )
        }

    def _in_trash(self, thing: Thing) -> bool:
        return thing.trashed or (thing is not self.things[""] and self._in_trash(self.things[thing.above]))

    def _grants(self, thing: Thing) -> set[tuple[int, str, str]]:
        """Where it was given, and to whom: its own, and those that flow from above and are not stopped.

        What has run out is still there, and counts for nobody.
        """
        mine = {(id(thing), *one[:2]) for one in thing.grants}
        if thing.limited or thing is self.things[""]:
            return mine
        return mine | (self._grants(self.things[thing.above]) - thing.withheld)


def grant_of(permission: Mapping[str, Any]) -> Grant:
    """Who is meant; a link alone finds nothing, and is a principal that nobody is."""
    kind, until = permission["type"], str(permission.get("expirationTime", ""))
    address = str(permission.get("emailAddress") or permission.get("domain") or "")
    if kind in ("anyone", "domain") and not permission.get("allowFileDiscovery"):
        address += LINK
    return kind, address, until
