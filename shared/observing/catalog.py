"""Which numbers there are, what each means, and how a finished request adds to them."""

from collections.abc import Mapping

from shared.observing.numbers import CALLS, SECONDS, Numbers
from shared.observing.spans import Trace

COUNTERS = {
    "docent_requests": "Requests answered, by function, route, method and status",
    "docent_hops": "Calls of Google's services, by service, method and status",
    "docent_answers": "Questions answered, by outcome: answered, declined, degraded",
    "docent_unsupported_sentences": "Sentences of answers that their source does not support",
    "docent_access_denials": "Requests refused because of who asked: no session, no right, or not theirs",
    "docent_refusals": "Requests refused for any other reason, by the code of the problem",
    "docent_files_ingested": "Files that ingestion finished with, by what became of them",
    "docent_chunks_embedded": "Chunks sent to the embedding model",
    "docent_warnings": "Events of severity WARNING and above, by event",
}
HISTOGRAMS = {
    "docent_request_duration_seconds": "From a request to the last byte of its answer, by function and route",
    "docent_first_token_seconds": "From a question to the first words of its answer",
    "docent_hop_duration_seconds": "How long calls of Google's services took, by service",
    "docent_hops_per_request": "Calls of Google's services that one request made, by function and route",
}
BOUNDS = dict.fromkeys(HISTOGRAMS, SECONDS) | {"docent_hops_per_request": CALLS}
GAUGES = {
    "docent_up": "1 while the dependency answers",
    "docent_check_seconds": "How long the dependency took to answer, by dependency",
    "docent_files": "Files of all collections, by state",
    "docent_queue_depth": "Files that wait for ingestion",
    "docent_ingest_lag_seconds": "Since the last finished sync of the collection that waits longest",
    "docent_used_today": "What was used since midnight UTC, by item",
    "docent_events_today": "What happened since midnight UTC, such as hits and misses of caches, by event",
    "docent_cost_dollars_today": "Money spent since midnight UTC",
    "docent_saved_dollars_today": "Money that caches saved since midnight UTC",
}

_FILES = {
    "file.indexed": "indexed",
    "file.skipped": "skipped",
    "file.removed": "removed",
    "file.given_up": "failed",
}
_HOW = {"method": "http.request.method", "status": "http.response.status_code"}
_DENIALS = {"not-signed-in", "not-allowed", "not-found"}


def add(numbers: Numbers, function: str, trace: Trace) -> None:
    """Add a finished request; its root span holds route, method and status."""
    told = trace.root.attributes
    where = {"function": function, "route": str(told.get("http.route", "none"))}
    how = {name: str(told.get(key, "none")) for name, key in _HOW.items()}
    numbers.count("docent_requests_total", where | how)
    _observe(numbers, "docent_request_duration_seconds", where, trace.root.seconds)
    _observe(numbers, "docent_hops_per_request", where, len(trace.calls))
    if "first_token" in trace.marks:
        _observe(numbers, "docent_first_token_seconds", {}, trace.marks["first_token"])
    for call in trace.calls:
        service = {"service": call.service}
        numbers.count("docent_hops_total", {**service, "method": call.method, "status": call.status or "OK"})
        _observe(numbers, "docent_hop_duration_seconds", service, call.seconds)
    for event, fields in trace.events:
        _add_event(numbers, event, fields)


def _add_event(numbers: Numbers, event: str, fields: Mapping[str, object]) -> None:
    if fields.get("severity") not in ("INFO", "DEBUG"):
        numbers.count("docent_warnings_total", {"event": event})
    if event == "answer.finished":
        outcome = next((one for one in ("degraded", "declined") if fields.get(one)), "answered")
        numbers.count("docent_answers_total", {"outcome": outcome})
        numbers.count("docent_unsupported_sentences_total", {}, _number(fields.get("unsupported")))
    elif event == "request.refused":
        code = str(fields.get("code"))
        name = "docent_access_denials_total" if code in _DENIALS else "docent_refusals_total"
        numbers.count(name, {"code": code})
    elif event in _FILES:
        state = str(fields.get("state") or _FILES[event])
        numbers.count("docent_files_ingested_total", {"state": state})
        numbers.count("docent_chunks_embedded_total", {}, _number(fields.get("embedded")))


def _observe(numbers: Numbers, name: str, labels: Mapping[str, str], value: float) -> None:
    numbers.observe(name, labels, value, BOUNDS[name])


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
