"""docs/costs.md says what the model says, and the model is of the profiles that are deployed."""

import json
import re
from pathlib import Path

import pytest

from benchmarks.cost import model
from benchmarks.cost.__main__ import IDLE_LIMIT, PAGE, month, page
from benchmarks.cost.model import BUSY, OTHERS, PEOPLE, PROFILES, Prices
from benchmarks.record import RESULTS

PROFILES_TF = (Path(__file__).parents[2] / "terraform" / "profiles.tf").read_text(encoding="utf-8")


def test_the_page_is_fresh() -> None:
    """docs/costs.md and the file of results are what `python -m benchmarks.cost` writes now."""
    assert PAGE.read_text(encoding="utf-8") == page(), "run .venv/bin/python -m benchmarks.cost"
    kept = json.loads((RESULTS / "cost.json").read_text(encoding="utf-8"))
    assert {name: values for name, values in kept.items() if name != "about"} == month()


def test_economy_costs_little_while_nobody_asks() -> None:
    """Below five dollars a month for 10 and 50 people, and less than any of the others."""
    found = month()
    for people in PEOPLE[:2]:
        values = found[f"{people:,} people, idle ($ a month)"]
        assert values["docent economy"] < IDLE_LIMIT
        assert values["docent economy"] < min(values[name] for name in OTHERS)


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_terraforms(name: str) -> None:
    """What is kept awake, the entrance and the machine of each profile are those of terraform/profiles.tf."""
    block = re.split(rf"\n    {name} = \{{", PROFILES_TF)[1].split("\n    }")[0]
    profile = PROFILES[name]
    assert f'entrance           = "{profile.entrance}"' in block
    awake = re.search(r"min_instances\s+= \{(.*)\}", block)
    assert awake is not None
    kept = {one: int(count) for one, count in re.findall(r"(\w+) = (\d+)", awake[1])}
    assert {one: count for one, count in kept.items() if count} == dict(profile.awake)
    assert ("vector_search      = null" in block) is not bool(profile.node)
    if profile.node:
        machine = {"vector_node_small": "e2-standard-2", "vector_node_large": "e2-standard-16"}[profile.node]
        assert f'machine_type = "{machine}"' in block
        assert f"min_replicas = {profile.replicas}" in block


def test_every_price_says_where_it_is_from() -> None:
    """Each is dated and sourced, and marked on the page when nobody read it at the vendor's."""
    text = PAGE.read_text(encoding="utf-8").partition("## Prices")[2]
    for name, one in Prices().table.items():
        assert one["source"], name
        assert re.fullmatch(r"20\d\d(-\d\d)?", one["dated"]), name
        (line,) = [row for row in text.splitlines() if row.startswith(f"| {name.replace('_', ' ')} |")]
        assert (" ? |" in line) is not one["verified"], name


def test_a_month_grows_with_its_load() -> None:
    """More people or more questions never cost less, and each part is a number of dollars."""
    prices = Prices()
    for profile in PROFILES.values():
        totals = [
            sum(model.docent(profile, people, busy, prices).values())
            for people in PEOPLE
            for busy in BUSY.values()
        ]
        by_people = [totals[start : start + len(BUSY)] for start in range(0, len(totals), len(BUSY))]
        assert all(row == sorted(row) for row in by_people)
        assert all(list(column) == sorted(column) for column in zip(*by_people, strict=True))
        assert min(totals) >= 0


def test_the_counts_were_measured() -> None:
    """The model is fed by what was counted, with both backends, and knows of which commit."""
    counts = model.counted()
    assert re.fullmatch(r"[0-9a-f]{7,}", counts["about"]["commit"])
    for backend in ("vertex", "firestore"):
        assert counts[backend]["questions"] >= 20
        assert counts[backend]["per_question"]["firestore:read"] > 0
        assert any(name.endswith(":prompt") for name in counts[backend]["per_question"])
        assert any(name.startswith("gemini-embedding") for name in counts[backend]["per_file"])
