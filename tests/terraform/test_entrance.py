"""Both entrances send each path to the function that has it, and the page is served as on a laptop."""

import importlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from starlette.routing import Route

from local.runner.gateway import owner
from local.runner.pages import HEADERS
from tests.terraform.plans import FUNCTIONS, Plan


def _routes() -> Iterator[tuple[str, str]]:
    """Every route of every function, with an example for each parameter."""
    for name in FUNCTIONS:
        for route in importlib.import_module(f"functions.{name}.routes").ROUTES:
            path = route.path if isinstance(route, Route) else str(getattr(route, "path", ""))
            yield name, re.sub(r"\{[^}]+\}", "x1", path)


def _hosting(plan: Callable[..., Plan]) -> dict[str, Any]:
    made = plan(entrance="hosting")
    found: dict[str, Any] = json.loads(made.output("firebase_json"))["hosting"]
    return found


def _by_hosting(rewrites: Sequence[Mapping[str, Any]], path: str) -> str:
    """The first rewrite that matches decides; `**` stands for anything."""
    for one in rewrites:
        if re.fullmatch(one["source"].replace("**", ".*"), path):
            return str(one["run"]["serviceId"] if "run" in one else one["destination"])
    raise AssertionError(path)


def _by_url_map(plan: Plan, path: str) -> str:
    """The longest path that matches decides; a trailing `*` stands for anything."""
    rules = plan.output("paths")
    best = ("", "page")
    for name, patterns in rules.items():
        for one in patterns:
            prefix = one.removesuffix("*")
            if (path == one or (one.endswith("*") and path.startswith(prefix))) and len(prefix) > len(
                best[0]
            ):
                best = (prefix, name)
    return best[1]


@pytest.mark.parametrize(("name", "path"), list(_routes()))
def test_each_route_reaches_its_function(plan: Callable[..., Plan], name: str, path: str) -> None:
    """Through Firebase Hosting, through the load balancer and through the local gateway alike."""
    assert owner(path) == name
    assert _by_hosting(_hosting(plan)["rewrites"], path) == f"docent-{name}"
    assert _by_url_map(plan(entrance="load_balancer"), path) == name


@pytest.mark.parametrize("path", ["/", "/index.html", "/assets/index-0.js", "/c/conversation", "/settings"])
def test_all_else_is_the_page(plan: Callable[..., Plan], path: str) -> None:
    """What no function has is answered by the page."""
    assert owner(path) is None
    assert _by_hosting(_hosting(plan)["rewrites"], path) == "/index.html"
    assert _by_url_map(plan(entrance="load_balancer"), path) == "page"


def test_the_load_balancer_has_these_paths(plan: Callable[..., Plan]) -> None:
    """The rules of its URL map are the table that the other tests read."""
    made = plan(entrance="load_balancer")
    (main,) = [one for one in made.of("google_compute_url_map") if one.name == "entrance"]
    rules = main.known["path_matcher"][0]["path_rule"]
    assert sorted(path for one in rules for path in one["paths"]) == sorted(
        path for paths in made.output("paths").values() for path in paths
    )


def test_the_page_has_the_headers_of_the_laptop(plan: Callable[..., Plan]) -> None:
    """The same content security policy and the rest; TLS adds the promise to stay with TLS."""
    hosted = {one["key"]: one["value"] for one in _hosting(plan)["headers"][0]["headers"]}
    balanced = (
        plan(entrance="load_balancer").of("google_compute_backend_bucket")[0].known["custom_response_headers"]
    )
    assert hosted == HEADERS | {"Strict-Transport-Security": hosted["Strict-Transport-Security"]}
    assert set(balanced) == {f"{name}: {value}" for name, value in hosted.items()}


def test_one_address_cannot_flood_it(plan: Callable[..., Plan]) -> None:
    """Cloud Armor counts by address, and lets everybody else through."""
    (policy,) = plan(entrance="load_balancer", requests_per_minute=100).of("google_compute_security_policy")
    rules = {one["priority"]: one for one in policy.known["rule"]}
    limit = rules[2000]["rate_limit_options"][0]
    assert (limit["enforce_on_key"], limit["rate_limit_threshold"][0]) == (
        "IP",
        {"count": 100, "interval_sec": 60},
    )
    assert rules[2147483647]["action"] == "allow"


def test_every_function_is_behind_the_policy(plan: Callable[..., Plan]) -> None:
    """No backend is without Cloud Armor, and none uses the old load balancer."""
    made = plan(entrance="load_balancer")
    for one in made.of("google_compute_backend_service"):
        assert one.known["load_balancing_scheme"] == "EXTERNAL_MANAGED"
        assert one.later["security_policy"] is True
    references = made.references("google_compute_backend_service", "functions", "security_policy")
    assert "google_compute_security_policy.entrance" in references


def test_clear_text_is_only_sent_on_to_tls(plan: Callable[..., Plan]) -> None:
    """Port 80 redirects, and 443 takes TLS 1.2 or newer."""
    made = plan(entrance="load_balancer")
    (redirect,) = [one for one in made.of("google_compute_url_map") if one.name == "to_https"]
    assert redirect.known["default_url_redirect"][0]["https_redirect"] is True
    assert made.of("google_compute_ssl_policy")[0].known["min_tls_version"] == "TLS_1_2"
