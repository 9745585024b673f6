"""By which keys a file or folder is found when people browse: one array field, so that one query answers.

A key is a principal, a blank, and where or by what it is looked for: `/FOLDER` for what lies in a folder,
`~COLLECTION` for a file that lies in a folder that the principal is not shown (`~` for such a folder), or the
beginning of a word of the name. So a query by the asker's own principals never reads what is not shared with
them, and what it costs and how long it takes tells nothing of it.
"""

from collections.abc import Iterable, Sequence

from shared.gcp.browsing_names import beginnings

FIELD = "found_by"
"""The field that holds them."""
TITLE = "title"
"""The field that lists are in the order of."""
AROUND = "around"
"""The field that says to whom the folder around is shown."""
ANYBODY = "?"
"""Stands for every principal, where who may open something is not known or is too long a list."""
_MANY = 50


def keys(name: str, parents: Iterable[str], principals: Sequence[str] | None) -> list[str]:
    """The keys of what is called `name` and lies in `parents` ("" for nowhere); None: nobody knows whose."""
    owners = [ANYBODY] if principals is None or len(principals) > _MANY else list(principals)
    places = [f"/{parent}" for parent in parents]
    return [f"{owner} {suffix}" for owner in owners for suffix in (*places, *beginnings(name))]


def strays(collections: Iterable[str], principals: Sequence[str], around: Sequence[str] | None) -> list[str]:
    """The keys under which those meet a file or folder who are not shown the folder around it."""
    if around is None:
        return []
    owners = [one for one in principals if one not in around][:_MANY]
    return [f"{owner} ~{one}" for one in collections for owner in owners]
