"""Who may do what: computed from access lists, folders above, groups and the clock, and from nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

from local.drive.groups import Groups
from local.drive.items import ROLES, Item, Permission, seconds_of
from local.drive.tree import Tree

DRIVE_ROLES = {"organizer"}
"""Managers of a shared drive reach its limited folders (Drive, guide "Limited and expansive access")."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission as it applies to one item, and the item that it was given on."""

    permission: Permission
    source: str
    inherited: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What one person may do with one item."""

    role: str = ""
    """The best role; empty when there is none."""
    listed: bool = False
    """Whether searches find it: a direct right or a discoverable one, not a link alone."""

    def at_least(self, role: str) -> bool:
        """Whether the role is this one or more."""
        return self.role != "" and ROLES.index(self.role) >= ROLES.index(role)


NONE = Standing()


class Rights:
    """Answers who may use an item. `clock` gives now, in seconds since the epoch."""

    def __init__(self, tree: Tree, groups: Groups, clock: Callable[[], float]) -> None:
        self._tree, self._groups, self._clock = tree, groups, clock
        self._grants: dict[str, tuple[Grant, ...]] = {}

    def changed(self) -> None:
        """Forget what was computed; called after every change to items or lists."""
        self._grants.clear()
        self._tree.changed()

    def changed_item(self, item: Item) -> None:
        """Forget what was computed for a file, on which nothing else depends."""
        self._grants.pop(item.id, None)

    def grants(self, item: Item) -> tuple[Grant, ...]:
        """Every permission that applies to the item, its own first, inherited ones as far as they flow."""
        known = self._grants.get(item.id)
        if known is None:
            known = self._own(item) + self._inherited(item)
            self._grants[item.id] = known
        return known

    def _own(self, item: Item) -> tuple[Grant, ...]:
        above: set[str] | None = None
        own = []
        for permission in item.permissions:
            if permission.origin:
                above = {one.id for one in self._tree.ancestors(item)} if above is None else above
                if permission.origin in self._tree and permission.origin not in above:
                    continue
            own.append(Grant(permission, permission.origin or item.id, bool(permission.origin)))
        return tuple(own)

    def _inherited(self, item: Item) -> tuple[Grant, ...]:
        parent = self._tree.get(item.parent)
        if parent is None:
            return ()
        flowing = (Grant(grant.permission, grant.source, True) for grant in self.grants(parent))
        kept = []
        for grant in flowing:
            if item.limited and not (item.drive_id and grant.permission.role in DRIVE_ROLES):
                continue
            if item.withheld and f"{grant.source}:{grant.permission.id}" in item.withheld:
                continue
            kept.append(grant)
        return tuple(kept)

    def applies(self, permission: Permission, now: float) -> bool:
        """Whether it counts for reading: not run out, and not one that shows a name only."""
        return not permission.view and (not permission.expires or seconds_of(permission.expires) > now)

    def standing(self, item: Item, email: str) -> Standing:
        """The best role of this person on this item, and whether searches find it for them."""
        now, groups, domain = self._clock(), self._groups.of(email), email.rpartition("@")[2]
        best, listed = -1, False
        for grant in self.grants(item):
            permission = grant.permission
            match permission.type:
                case "user":
                    meant = permission.address == email
                case "group":
                    meant = permission.address in groups
                case "domain":
                    meant = permission.address == domain
                case _:
                    meant = True
            if not meant or not self.applies(permission, now):
                continue
            role = "writer" if grant.inherited and permission.role == "owner" else permission.role
            best = max(best, ROLES.index(role))
            listed = listed or permission.type in {"user", "group"} or permission.discoverable
        return Standing(ROLES[best], listed) if best >= 0 else NONE
