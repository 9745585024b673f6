"""Google groups: nested, possibly in cycles, possibly of other domains."""

from collections.abc import Iterator


class Groups:
    """Who belongs to which group, directly and through other groups."""

    def __init__(self, members: dict[str, list[str]]) -> None:
        self._members = {name: list(dict.fromkeys(listed)) for name, listed in members.items()}
        self._closures: dict[str, frozenset[str]] = {}

    def __contains__(self, group: str) -> bool:
        return group in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._members))

    def members(self, group: str) -> list[str]:
        """The direct members, people and groups, in the order in which they were added."""
        return list(self._members.get(group, []))

    def derived(self, group: str) -> list[str]:
        """Everyone in the group, directly or through groups; groups themselves are left out."""
        seen, found, waiting = {group}, dict[str, None](), [group]
        while waiting:
            for member in self._members.get(waiting.pop(0), []):
                if member in self._members:
                    if member not in seen:
                        seen.add(member)
                        waiting.append(member)
                else:
                    found[member] = None
        return list(found)

    def of(self, email: str) -> frozenset[str]:
        """The groups that this address belongs to, directly or through groups."""
        if email not in self._closures:
            found, waiting = set[str](), [email]
            while waiting:
                member = waiting.pop()
                new = [
                    name for name, listed in self._members.items() if member in listed and name not in found
                ]
                found.update(new)
                waiting.extend(new)
            self._closures[email] = frozenset(found)
        return self._closures[email]

    def add(self, group: str, member: str) -> None:
        """Make an address a member; an unknown group comes into being."""
        listed = self._members.setdefault(group, [])
        if member not in listed:
            listed.append(member)
        self._closures.clear()

    def remove(self, group: str, member: str) -> None:
        """End a membership; unknown ones are already ended."""
        if member in self._members.get(group, []):
            self._members[group].remove(member)
        self._closures.clear()

    def replace(self, group: str, members: list[str]) -> None:
        """Set the members, as saved in the state."""
        self._members[group] = list(members)
        self._closures.clear()
