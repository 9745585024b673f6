"""What Docent is made of is pinned with hashes, under licences that were chosen, and can be listed."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from scripts.supply.__main__ import document
from scripts.supply.components import LOCKS, ROOT, Component, allowed, components, licences

ALL = components()


def test_every_pin_has_hashes() -> None:
    """Of each file that may be installed, in every lock file: what is installed is what was locked."""
    assert len(ALL) > 500
    assert [one.purl for one in ALL if not one.hashes] == []
    for lock in LOCKS:
        text = (ROOT / lock).read_text(encoding="utf-8")
        pins = re.findall(r"^[A-Za-z0-9._-]+==.*\\$", text, re.MULTILINE)
        assert pins
        assert len(pins) == len(re.findall(r"^[A-Za-z0-9._-]+", text, re.MULTILINE)), lock


def test_setup_insists_on_hashes() -> None:
    """Every installation of the set-up script, by whichever tool, refuses what has no hash."""
    script = (ROOT / "scripts" / "setup").read_text(encoding="utf-8").replace("\\\n", " ")
    installs = [line for line in script.splitlines() if re.search(r"pip install ", line)]
    assert len(installs) == 3
    assert all("--require-hashes" in line for line in installs), installs
    assert "npm ci " in script


def test_everything_declared_is_locked() -> None:
    """Each dependency of pyproject.toml, and what is deployed in the version that is tested."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = {(one.name, one.shipped) for one in ALL if one.kind == "pypi"}
    for wanted, shipped in (
        (project["dependencies"], True),
        (project["optional-dependencies"]["dev"], False),
    ):
        names = {re.split(r"[<>=;\[]", one)[0] for one in wanted}
        assert {name for name in names if {(name, True), (name, shipped)}.isdisjoint(pinned)} == set()
    shipped_versions = {one.name: one.version for one in ALL if one.kind == "pypi" and one.shipped}
    others = [one for one in ALL if one.kind == "pypi" and not one.shipped and one.name in shipped_versions]
    assert others == []


def test_every_licence_is_one_that_was_chosen() -> None:
    """Of what is shipped, and of the tools; a new one is a decision, made in licences.toml."""
    assert [f"{one.purl}: {one.licence or 'none'}" for one in ALL if not allowed(one)] == []


def test_nothing_in_the_list_of_licences_is_left_over() -> None:
    """A statement or a spelling that nothing needs any more is taken out."""
    known = licences()
    assert set(known["stated"]) <= {one.name for one in ALL}
    used = {part.strip("()") for one in ALL for part in re.split(r" AND | OR ", one.licence)}
    assert set(known["shipped"]) | set(known["tools"]) == used


@pytest.mark.parametrize(
    ("licence", "shipped", "fine"),
    [
        ("MIT", True, True),
        ("AGPL-3.0-only OR MIT", True, True),
        ("AGPL-3.0-only AND MIT", False, False),
        ("BUSL-1.1", True, False),
        ("BUSL-1.1", False, True),
        ("", False, False),
        ("Proprietary", True, False),
    ],
)
def test_a_licence_is_judged_by_what_it_is_used_for(licence: str, *, shipped: bool, fine: bool) -> None:
    """One of several to choose from is enough; of several that all hold, all must be allowed."""
    assert allowed(Component("x", "1", "pypi", licence, (), shipped)) == fine


def test_the_bill_of_materials_lists_what_is_shipped(tmp_path: Path) -> None:
    """By its command: every package of requirements.txt and of the page, the same bytes each time."""
    written = tmp_path / "sbom.json"
    subprocess.run([ROOT / "scripts" / "sbom", written], check=True, timeout=60)  # noqa: S603 - ours
    found = json.loads(written.read_text(encoding="utf-8"))
    assert found == json.loads(json.dumps(document([one for one in ALL if one.shipped])))
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    pins = re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert len([one for one in found["components"] if one["purl"].startswith("pkg:pypi/")]) == len(pins)
    assert any(one["purl"].startswith("pkg:npm/react@") for one in found["components"])
    assert all(one["hashes"] and one["licenses"] for one in found["components"])
