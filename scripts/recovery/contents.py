"""What a backup holds and what it leaves out, collection by collection; a test finds the one in neither."""

from shared.gcp.firestore_personal import IMPERSONAL, OWNED

KEPT = {
    "collections": "which folders are answered from",
    "folders": "so that the first sync after a restore finds what moved",
    "groups": "rights that go by group hold at once",
    "term_statistics": "how rare each word is; goes with the chunks",
    "users": "people, their roles and tiers; not what lies below them",
    "conversations": "questions and answers",
    "messages": "of conversations, in a group of its own",
    "feedback": "what people said of answers",
    "rate_limits": "what each asked and spent lately: a restore is no new budget",
    "usage": "what was spent, by person",
    "usage_days": "what was spent, by day",
    "audit": "the chain of the audit trail, verifiable under the same key",
    "audit_chain": "the end of the chain",
    "audit_waiting": "entries that are not linked yet",
    "erasures": "receipts: what was erased since is erased again after a restore",
}
"""Documents as they stand at one moment. Files, chunks and vectors go beside them, a file a line."""

PACKED = {
    "files": "records",
    "chunks": "texts",
    "vectors": "of the index that answers, of either backend, so that one can become the other",
    "vectors_b": "as vectors",
}

LEFT = {
    "cache_answers": "asked again, and checked again, where it is needed",
    "cache_embeddings": "as cache_answers",
    "cache_folders": "as cache_answers",
    "cache_state": "numbers of versions of what is not kept",
    "claims": "questions that are being answered at this moment",
    "channels": "push channels lead to the old project; the first sync opens new ones",
    "index_builds": "work on another index",
    "index_state": "what answers in the new project is the index of its settings",
    "login_states": "sign-ins under way",
    "numbers": "counters since the last start",
    "pages": "of sync_runs",
    "private": "people's Drive grants: sealed with a secret; they are asked for again at the next sign-in",
    "sessions": "everybody signs in again",
    "sync_runs": "the history of syncs",
    "sync_state": "page tokens are an account's own; without one the next sync lists everything, and finds "
    "what changed since the backup",
    "transfers": "exports and imports of the old project",
}


def known() -> set[str]:
    """Every collection that the code uses."""
    below = {name for one in OWNED for name in one.below}
    return {one.name for one in OWNED} | below | set(IMPERSONAL) | {"files", "private", "users"}
