"""What is to be deployed: the options of scripts/deploy, and what docent.tfvars says."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wanted:
    """`variables` are the plain strings of docent.tfvars; `client_secret` is empty when none was given."""

    project: str
    profile: str = "economy"
    region: str = "us-central1"
    prefix: str = "docent"
    variables: tuple[tuple[str, str], ...] = ()
    client_secret: str = ""

    def variable(self, name: str, default: str = "") -> str:
        """A string of docent.tfvars."""
        return dict(self.variables).get(name, default)

    @property
    def entrance(self) -> str:
        """`hosting` or `load_balancer`, as terraform/profiles.tf chooses."""
        return self.variable("entrance") or ("hosting" if self.profile == "economy" else "load_balancer")

    @property
    def address(self) -> str:
        """Where people will open Docent."""
        host = self.variable("domain") or f"{self.project}.web.app"
        return f"https://{host}"

    @property
    def redirect_uri(self) -> str:
        """What is registered at the OAuth client."""
        return f"{self.address}/auth/callback"

    @property
    def state_bucket(self) -> str:
        """The bucket of Terraform's state."""
        return f"{self.project}-{self.prefix}-state"


def read_variables(path: Path) -> tuple[tuple[str, str], ...]:
    """The `name = "value"` lines of a tfvars file; () when there is none."""
    if not path.exists():
        return ()
    found = re.findall(r'^\s*(\w+)\s*=\s*"([^"]*)"', path.read_text(encoding="utf-8"), re.MULTILINE)
    return tuple(found)
