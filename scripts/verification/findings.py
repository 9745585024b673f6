"""What a check saw, and the file that Terraform reads."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

FILE = Path(__file__).parents[2] / "terraform" / "verified.auto.tfvars.json"
"""Terraform reads *.auto.tfvars.json by itself; `settings` of docent.tfvars wins over it."""


@dataclass(frozen=True)
class Finding:
    """`verdict`: "as assumed", "otherwise", "not seen". `settings` follow from it, `then` is for a person."""

    about: str
    verdict: str
    saw: str
    settings: dict[str, str] = field(default_factory=dict)
    then: str = ""

    def __str__(self) -> str:
        lines = [f"{self.verdict:<10} {self.about}: {self.saw}"]
        lines += [f"           {name} = {value}" for name, value in sorted(self.settings.items())]
        return "\n".join([*lines, f"           {self.then}"] if self.then else lines)


def assumed(about: str, saw: str, **settings: str) -> Finding:
    """It is as the code takes it to be."""
    return Finding(about, "as assumed", saw, settings)


def otherwise(about: str, saw: str, then: str = "", **settings: str) -> Finding:
    """It is not; the settings mend that, or a person does what `then` says."""
    return Finding(about, "otherwise", saw, settings, then)


def not_seen(about: str, why: str) -> Finding:
    """It could not be looked at; what was found at an earlier run stays."""
    return Finding(about, "not seen", why)


def written(findings: Sequence[Finding], file: Path = FILE) -> dict[str, str]:
    """The settings that follow from all findings, in the file; what was not seen keeps its earlier value."""
    before: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))["verified"] if file.exists() else {}
    after = dict(sorted((before | {k: v for one in findings for k, v in one.settings.items()}).items()))
    file.write_text(json.dumps({"verified": after}, indent=2) + "\n", encoding="utf-8")
    return after
