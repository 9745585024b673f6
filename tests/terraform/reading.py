"""Run in a process of its own: wires a function up, prints which settings its code reads and what it makes.

Usage: python -m tests.terraform.reading FUNCTION, with a value in the environment for what has no default.
Prints JSON: {"read": [variables], "required": [those without a default], "made": [classes of shared/]}.
"""

import gc
import importlib
import json
import sys
from typing import Any

from shared import settings


def _variables(kind: type[settings.Settings]) -> dict[str, bool]:
    """The variables of a settings class, and whether each must be set."""
    return {(kind.prefix + name).upper(): field.is_required() for name, field in kind.model_fields.items()}


def main(name: str) -> None:
    """Wire the function `name` up and print what was read."""
    read: dict[str, bool] = {}
    first = settings.Settings.__init__

    def noted(self: settings.Settings, **values: Any) -> None:
        read.update(_variables(type(self)))
        first(self, **values)

    settings.Settings.__init__ = noted  # type: ignore[method-assign]
    wiring = importlib.import_module(f"functions.{name}.wiring")
    services = wiring.build_services()
    if hasattr(wiring, "build_guard"):
        wiring.build_guard(services)
    made = {type(one).__name__ for one in gc.get_objects() if str(type(one).__module__).startswith("shared.")}
    required = sorted(variable for variable, must in read.items() if must)
    print(json.dumps({"read": sorted(read), "required": required, "made": sorted(made)}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main(sys.argv[1])
