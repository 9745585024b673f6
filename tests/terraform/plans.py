"""A plan as Python values: what would be made, and what of it is only known afterwards."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

FUNCTIONS = ("auth", "chat", "ingest", "health")
PROFILES = ("economy", "standard", "scale")
REQUIRED = {
    "project": "docent-check",
    "google_client_id": "1-check.apps.googleusercontent.com",
    "admin_emails": ["root@example.com"],
    "domain": "docent.example.com",
    "package_folder": "tests/packages",
    "page_folder": "tests/page",
}
"""Variables that have no default, and the files that a deployment would have made."""


@dataclass(frozen=True)
class Resource:
    """One resource of a plan. `known` holds its values, `later` what only Google knows, both by argument."""

    address: str
    type: str
    name: str
    index: str
    known: Mapping[str, Any]
    later: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """`terraform show -json` of a plan for an empty project."""

    shown: Mapping[str, Any]

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """All that would be made."""
        return tuple(
            Resource(
                one["address"],
                one["type"],
                one["name"],
                str(one.get("index", "")),
                one["change"]["after"],
                one["change"]["after_unknown"],
            )
            for one in self.shown["resource_changes"]
            if one["mode"] == "managed"
        )

    def of(self, kind: str) -> tuple[Resource, ...]:
        """The resources of a type, such as google_storage_bucket."""
        return tuple(one for one in self.resources if one.type == kind)

    def kinds(self) -> set[str]:
        """The types of all resources."""
        return {one.type for one in self.resources}

    def function(self, name: str) -> Resource:
        """A function by its short name."""
        return next(one for one in self.of("google_cloudfunctions2_function") if one.index == name)

    def environment(self, name: str) -> dict[str, str | None]:
        """A function's environment; None is a value that only Google knows."""
        function = self.function(name)
        later = function.later["service_config"][0].get("environment_variables", {})
        known = function.known["service_config"][0]["environment_variables"]
        return dict(known) | dict.fromkeys(later)

    def output(self, name: str) -> Any:
        """The value of an output; None when it is only known afterwards."""
        return self.shown["planned_values"]["outputs"][name].get("value")

    def references(self, kind: str, name: str, argument: str) -> set[str]:
        """What an argument of a resource is made from, in Terraform's words."""
        for one in self.shown["configuration"]["root_module"]["resources"]:
            if (one["type"], one["name"]) == (kind, name):
                return set(_references(one["expressions"].get(argument, {})))
        raise KeyError(f"{kind}.{name}")


def _references(expression: Any) -> Iterator[str]:
    if isinstance(expression, list):
        for one in expression:
            yield from _references(one)
    elif isinstance(expression, dict):
        yield from expression.get("references", [])
        for one in expression.values():
            if isinstance(one, dict | list):
                yield from _references(one)
