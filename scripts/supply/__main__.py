"""Writes what Docent is made of as CycloneDX 1.6: `scripts/sbom [--tools] [FILE]`; or prints the licences."""

import argparse
import json
import sys
import tomllib
import uuid
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.supply.components import ROOT, Component, components

_ALGORITHMS = {"sha256": "SHA-256", "sha512": "SHA-512", "sha1": "SHA-1"}


def document(found: Sequence[Component]) -> dict[str, Any]:
    """The document; the same components give the same document, its serial number included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = [_component(one) for one in found]
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([project["version"], listed], sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": project["name"],
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": listed,
    }


def _component(one: Component) -> dict[str, Any]:
    several = " AND " in one.licence or " OR " in one.licence
    licence = {"expression": one.licence} if several else {"license": {"id": one.licence}}
    return {
        "type": "library",
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
        "scope": "required" if one.shipped else "excluded",
        "licenses": [licence],
        "hashes": [{"alg": _ALGORITHMS[algorithm], "content": digest} for algorithm, digest in one.hashes],
    }


def _listed(found: Sequence[Component]) -> str:
    by_licence: dict[str, list[str]] = defaultdict(list)
    for one in found:
        by_licence[one.licence].append(f"{one.name} {one.version}")
    return "\n".join(f"{name}\n  {', '.join(sorted(ones))}" for name, ones in sorted(by_licence.items()))


def main() -> int:
    """Print or write; returns an exit code."""
    parser = argparse.ArgumentParser(prog="scripts/sbom", description=__doc__)
    parser.add_argument("--tools", action="store_true", help="also what is used on the way: tools and tests")
    parser.add_argument("--licences", action="store_true", help="print packages by licence instead")
    parser.add_argument("file", nargs="?", type=Path, help="where to write it; printed without")
    wanted = parser.parse_args()
    found = [one for one in components() if one.shipped or wanted.tools]
    text = _listed(found) if wanted.licences else json.dumps(document(found), indent=1)
    if wanted.file is None:
        print(text)
    else:
        wanted.file.write_text(f"{text}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
