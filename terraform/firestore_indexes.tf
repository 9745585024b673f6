# Composite indexes: every query that filters on one field and orders by another has one here.
# The local Firestore reads this file and refuses what is not declared, as the cloud would.

resource "google_firestore_index" "sync_runs_latest" {
  collection = "sync_runs"

  fields {
    field_path = "collection"
    order      = "ASCENDING"
  }

  fields {
    field_path = "started_at"
    order      = "DESCENDING"
  }
}
