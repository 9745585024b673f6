"""What permissions come to: who may find a file, which groups matter, and when the next one runs out.

Whatever cannot be read narrows: permissions that Drive does not show let nobody find the file.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from shared.ingestion.drive import Grant

UNFINDABLE = (
    "Docent's account may not see whom this file is shared with, so nobody finds it. "
    "Make the account an editor, or a manager of the shared drive."
)


def live(grants: Iterable[Grant], now: datetime) -> tuple[Grant, ...]:
    """Those that have not run out."""
    return tuple(grant for grant in grants if grant.expires is None or grant.expires > now)


def token(grant: Grant) -> str:
    """The index restrict of a permission: user:E-MAIL, group:E-MAIL, domain:NAME, anyone."""
    return f"{grant.kind}:{grant.address}" if grant.address else grant.kind


def openers(grants: Iterable[Grant]) -> tuple[str, ...]:
    """Whom a list of permissions lets find a folder, sorted; whether one has run out is for the check."""
    return tuple(sorted({token(one) for one in grants if one.findable}))


def principals(grants: Sequence[Grant] | None, via: Sequence[Grant] | None, now: datetime) -> tuple[str, ...]:
    """The index restricts of a file: who finds it by search, sorted.

    Behind a shortcut only those remain who may also have a right to the shortcut itself; where only the
    members of a group could tell, they remain, and the check of each right decides.
    """
    found = [grant for grant in live(grants or (), now) if grant.findable]
    if via is not None:
        found = [grant for grant in found if any(_overlap(grant, other) for other in live(via, now))]
    return tuple(sorted({token(grant) for grant in found}))


def groups(*lists: Sequence[Grant] | None) -> tuple[str, ...]:
    """The addresses of the groups in lists of permissions, sorted."""
    return tuple(sorted({grant.address for one in lists for grant in one or () if grant.kind == "group"}))


def restricts(
    collections: Sequence[str], file_id: str, folders: Sequence[str], principals: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The index restricts of a file's chunks: namespace to tokens.

    A file nobody could be named for carries the token "nobody", because a datapoint without the
    namespace would be a matter of how the index reads its absence.
    """
    return {
        "collection": tuple(sorted(set(collections))) or ("none",),
        "file": (file_id,),
        "folder": tuple(sorted(set(folders))) or ("none",),
        "principal": tuple(sorted(set(principals))) or ("nobody",),
    }


def next_expiry(now: datetime, *lists: Sequence[Grant] | None) -> datetime | None:
    """When the next of the permissions runs out, or None."""
    times = [grant.expires for one in lists for grant in one or () if grant.expires]
    return min((time for time in times if time > now), default=None)


def _overlap(one: Grant, other: Grant) -> bool:
    """Whether somebody may be meant by both."""
    if "anyone" in (one.kind, other.kind) or "group" in (one.kind, other.kind):
        return True
    if one.kind == other.kind:
        return one.address == other.address
    person, domain = (one, other) if one.kind == "user" else (other, one)
    return person.address.rpartition("@")[2] == domain.address


def why_partial(warnings: Sequence[str], grants: Sequence[Grant] | None) -> str:
    """Why a file is partial, in words; nothing when it is not."""
    return " ".join([*([UNFINDABLE] if grants is None else []), *warnings[:5]])
