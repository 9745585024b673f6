"""Terraform on the schema-only provider, started once, and the plan of each profile, made once."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.plans import PROFILES, REQUIRED, Plan
from tests.terraform.terraform import Terraform, copied, terraform


@pytest.fixture(scope="session")
def tf() -> Iterator[Terraform]:
    """Terraform, ready for commands."""
    with terraform() as running:
        yield running


@pytest.fixture(scope="session")
def folder(tf: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the configuration, initialised. Plans may be made in it; it is not to be changed."""
    made = copied(tmp_path_factory.mktemp("terraform") / "configuration")
    ended = tf(made, "init", "-input=false", "-no-color")
    assert ended.code == 0, ended.said
    return made


@pytest.fixture(scope="session")
def plan(tf: Terraform, folder: Path) -> Callable[..., Plan]:
    """Makes the plan for REQUIRED and the variables given, such as profile="scale"; each once."""

    @cache
    def made(given: str) -> Plan:
        (folder / "given.tfvars.json").write_text(given)
        words = [
            "-input=false",
            "-no-color",
            "-lock=false",
            "-var-file=given.tfvars.json",
            "-out=given.tfplan",
        ]
        ended = tf(folder, "plan", *words)
        assert ended.code == 0, ended.said
        return Plan(tf.shown(folder, "given.tfplan"))

    def planned(**variables: Any) -> Plan:
        return made(json.dumps(REQUIRED | variables, sort_keys=True))

    return planned


@pytest.fixture(params=PROFILES)
def profile(request: pytest.FixtureRequest) -> str:
    """Each profile in turn."""
    name: str = request.param
    return name


@pytest.fixture
def planned(plan: Callable[..., Plan], profile: str) -> Plan:
    """The plan of each profile in turn."""
    return plan(profile=profile)
