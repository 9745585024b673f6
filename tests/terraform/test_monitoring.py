"""What is watched exists: events that the code logs, sections of the runbook, people who are told."""

import json
import re
from collections.abc import Callable

import pytest

from tests.terraform.plans import Plan
from tests.terraform.terraform import CHECKOUT

_RUNBOOK = CHECKOUT / "docs" / "operations.md"


def _code() -> str:
    rooms = [CHECKOUT / "shared", CHECKOUT / "functions"]
    return "\n".join(file.read_text() for room in rooms for file in room.rglob("*.py"))


def _everything(plan: Callable[..., Plan]) -> Plan:
    return plan(
        alert_emails=["ops@example.com"], collections={"handbook": {}}, billing_account="0X0X0X-0X0X0X-0X0X0X"
    )


def test_every_event_that_is_counted_is_logged(plan: Callable[..., Plan]) -> None:
    """Each event and each field of a log-based metric is a word of the code."""
    code = _code()
    for metric in _everything(plan).of("google_logging_metric"):
        for event in re.findall(r'"([a-z_]+\.[a-z_]+)"', metric.known["filter"]):
            assert f'"{event}"' in code, event
        for field in re.findall(r"jsonPayload\.(\w+)\)", metric.known["value_extractor"] or ""):
            assert re.search(rf"\b{field}\b", code), f"no line of the log holds {field}"


def test_every_alert_counts_what_is_made(plan: Callable[..., Plan]) -> None:
    """No alert waits for a log-based metric that nobody makes, and each metric is looked at."""
    made = _everything(plan)
    metrics = {one.known["name"] for one in made.of("google_logging_metric")}
    shown = json.dumps([dict(one.known) for one in made.of("google_monitoring_alert_policy")])
    assert set(re.findall(r"logging\.googleapis\.com/user/([\w/-]+)", shown)) == metrics


def test_every_alert_reaches_somebody(plan: Callable[..., Plan]) -> None:
    """Alerts and the budget go to the people named, as far as there are any."""
    made = _everything(plan)
    assert [one.known["labels"] for one in made.of("google_monitoring_notification_channel")] == [
        {"email_address": "ops@example.com"}
    ]
    for one in made.of("google_monitoring_alert_policy"):
        assert one.later["notification_channels"], one.address
    assert made.of("google_billing_budget")[0].later["all_updates_rule"][0][
        "monitoring_notification_channels"
    ]


def test_every_alert_names_its_section_of_the_runbook(plan: Callable[..., Plan]) -> None:
    """A heading of docs/operations.md has the words of each alert's link."""
    made = _everything(plan)
    links = {
        one.known["documentation"][0]["content"].rpartition("#")[2]
        for one in made.of("google_monitoring_alert_policy")
    }
    assert {"error-rate", "ingest-lag", "queue-depth", "sign-in-failures", "access-denials"} <= links
    sections = _runbook()
    assert links == set(sections), sorted(links ^ set(sections))
    for name, text in sections.items():
        assert len(re.findall(r"^(?:\d\.|-) ", text, re.MULTILINE)) >= 2, f"{name} says too little to do"


def test_nobody_to_tell_means_no_alerts(plan: Callable[..., Plan]) -> None:
    """Conditions cost money, so they are made for somebody."""
    assert not plan(collections={"handbook": {}}).of("google_monitoring_alert_policy")


def _runbook() -> dict[str, str]:
    """The sections under "Alerts" of docs/operations.md, by the anchors of their headings."""
    alerts = re.split(r"^## ", _RUNBOOK.read_text(), flags=re.MULTILINE)
    (chapter,) = [one for one in alerts if one.startswith("Alerts\n")]
    found = {}
    for section in re.split(r"^### ", chapter, flags=re.MULTILINE)[1:]:
        heading, _, text = section.partition("\n")
        found[re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")] = text
    return found


def test_the_dashboard_can_be_read(plan: Callable[..., Plan]) -> None:
    """Its tiles lie side by side, none over another, each with a title and a filter."""
    made = _everything(plan).of("google_monitoring_dashboard")[0]
    if not made.known.get("dashboard_json"):
        pytest.fail("the dashboard is only known afterwards")
    tiles = json.loads(made.known["dashboard_json"])["mosaicLayout"]["tiles"]
    assert len({(one["xPos"], one["yPos"]) for one in tiles}) == len(tiles) >= 8
    assert all(one["xPos"] + one["width"] <= 48 for one in tiles)
