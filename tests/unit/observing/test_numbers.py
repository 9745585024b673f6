"""Numbers add up over processes and come out as OpenMetrics."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from shared.observing import spans
from shared.observing.catalog import BOUNDS, COUNTERS, GAUGES, HISTOGRAMS, add
from shared.observing.numbers import SECONDS, Numbers, series
from shared.observing.openmetrics import exposition, total

LINE = re.compile(r'[a-z_]+(\{([a-z_]+="([^"\\]|\\.)*",?)+\})? -?[0-9.e+-]+')


def values(text: str) -> dict[str, float]:
    """Series and values of an exposition."""
    return {
        name: float(value)
        for line in text.splitlines()
        if not line.startswith("#")
        for name, value in [line.rsplit(" ", 1)]
    }


def question() -> spans.Trace:
    """A finished question with two calls, one of which failed."""
    trace = spans.begin("POST /chat", "a" * 32)
    trace.root.attributes |= {
        "http.request.method": "POST",
        "http.route": "/chat",
        "http.response.status_code": 200,
    }
    for name, failure in (("RunQuery", ""), ("FindNeighbors", "UNAVAILABLE")):
        made = spans.call("firestore" if not failure else "matchservice", name)
        assert made is not None
        made.end(failure)
    spans.mark("first_token")
    spans.note("answer.finished", {"severity": "INFO", "declined": False, "degraded": True, "unsupported": 2})
    spans.note("request.refused", {"severity": "INFO", "code": "not-allowed"})
    trace.finish()
    spans.forget()
    return trace


def test_a_request_adds_to_every_metric_it_has_something_to_say_of() -> None:
    """Requests, hops, first words, outcome, sentences, denials; each once."""
    numbers = Numbers()
    add(numbers, "chat", question())
    found = values(exposition(numbers.take(), {}))
    assert found['docent_requests_total{function="chat",route="/chat",method="POST",status="200"}'] == 1
    assert found['docent_hops_total{service="firestore",method="RunQuery",status="OK"}'] == 1
    assert found['docent_hops_total{service="matchservice",method="FindNeighbors",status="UNAVAILABLE"}'] == 1
    assert found['docent_hops_per_request_bucket{function="chat",route="/chat",le="2.0"}'] == 1
    assert found['docent_hops_per_request_bucket{function="chat",route="/chat",le="1.0"}'] == 0
    assert found["docent_first_token_seconds_count"] == 1
    assert found['docent_answers_total{outcome="degraded"}'] == 1
    assert found["docent_unsupported_sentences_total"] == 2
    assert found['docent_access_denials_total{code="not-allowed"}'] == 1


def test_the_text_is_openmetrics() -> None:
    """Every family has type and help, every line its form, the end is marked."""
    numbers = Numbers()
    add(numbers, "chat", question())
    text = exposition(numbers.take(), {'docent_files{state="indexed"}': 3.0})
    assert text.endswith("\n# EOF\n")
    for name in (*COUNTERS, *HISTOGRAMS, *GAUGES):
        assert f"# HELP {name} " in text
        assert f"# TYPE {name} " in text
    assert all(LINE.fullmatch(line) for line in text.splitlines() if not line.startswith("#"))
    assert 'docent_files{state="indexed"} 3' in text


@settings(deadline=None, max_examples=50)
@given(some.text(max_size=20), some.floats(0, 100), some.integers(0, 10**12))
def test_prometheus_reads_what_is_told(label: str, seconds: float, number: int) -> None:
    """Its own strict parser finds every family with its type, and each label and value as they were."""
    numbers = Numbers()
    add(numbers, "chat", question())
    numbers.count("docent_warnings_total", {"event": label}, number)
    numbers.observe("docent_hop_duration_seconds", {"service": label}, seconds, SECONDS)
    text = exposition(numbers.take(), {series("docent_used_today", {"item": label}): float(number)})
    found = {one.name: one for one in text_string_to_metric_families(text)}
    types = dict.fromkeys(COUNTERS, "counter") | dict.fromkeys(HISTOGRAMS, "histogram")
    assert {name: one.type for name, one in found.items()} == types | dict.fromkeys(GAUGES, "gauge")
    (used,) = found["docent_used_today"].samples
    assert (used.labels, used.value) == ({"item": label}, number)
    told = [one for one in found["docent_warnings"].samples if one.labels == {"event": label}]
    assert [one.value for one in told] == ([number] if number else [])
    sums = [one for one in found["docent_hop_duration_seconds"].samples if one.name.endswith("_sum")]
    assert seconds in [one.value for one in sums if one.labels == {"service": label}]


@given(some.lists(some.floats(0, 100), max_size=40))
def test_buckets_hold_all_below_them(observed: list[float]) -> None:
    """However observations fall, each bucket counts those up to its bound, and the last is the count."""
    numbers = Numbers()
    for value in observed:
        numbers.observe("docent_first_token_seconds", {}, value, SECONDS)
    found = values(exposition(numbers.take(), {}))
    if not observed:
        assert not found
        return
    for bound in BOUNDS["docent_first_token_seconds"]:
        assert found[f'docent_first_token_seconds_bucket{{le="{bound!r}"}}'] == sum(
            one <= bound for one in observed
        )
    assert found['docent_first_token_seconds_bucket{le="+Inf"}'] == len(observed)
    assert found["docent_first_token_seconds_sum"] == pytest.approx(sum(observed))


def test_what_is_taken_is_taken_once_and_can_be_given_back() -> None:
    """Nothing is handed on twice, and nothing is lost when handing on failed."""
    numbers = Numbers()
    numbers.count("docent_answers_total", {"outcome": "answered"}, 2)
    taken = numbers.take()
    assert numbers.take() == {}
    numbers.count("docent_answers_total", {"outcome": "declined"})
    numbers.give_back(taken)
    sums = numbers.take()
    assert total(sums, "docent_answers_total") == 3
    assert total(sums, "docent_answers_total", outcome="answered") == 2


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    """Quotes, backslashes and line ends in a value are escaped."""
    numbers = Numbers()
    numbers.count("docent_refusals_total", {"code": 'a"b\\c\nd'})
    (line,) = (
        one for one in exposition(numbers.take(), {}).splitlines() if one.startswith("docent_refusals_t")
    )
    assert line == r'docent_refusals_total{code="a\"b\\c\nd"} 1'
