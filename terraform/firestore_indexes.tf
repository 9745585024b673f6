# Composite indexes: every query that filters on one field and orders by another has one here.
# The local Firestore reads this file and refuses what is not declared, as the cloud would.

resource "google_firestore_index" "sync_runs_latest" {
  database   = google_firestore_database.docent.name
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

resource "google_firestore_index" "audit_by_event" {
  database   = google_firestore_database.docent.name
  collection = "audit"

  fields {
    field_path = "event"
    order      = "ASCENDING"
  }

  fields {
    field_path = "seq"
    order      = "DESCENDING"
  }
}

resource "google_firestore_index" "audit_by_person" {
  database   = google_firestore_database.docent.name
  collection = "audit"

  fields {
    field_path = "subject"
    order      = "ASCENDING"
  }

  fields {
    field_path = "seq"
    order      = "DESCENDING"
  }
}

resource "google_firestore_index" "audit_by_event_and_person" {
  database   = google_firestore_database.docent.name
  collection = "audit"

  fields {
    field_path = "event"
    order      = "ASCENDING"
  }

  fields {
    field_path = "subject"
    order      = "ASCENDING"
  }

  fields {
    field_path = "seq"
    order      = "DESCENDING"
  }
}

resource "google_firestore_index" "files_by_state" {
  collection = "files"

  fields {
    field_path   = "collections"
    array_config = "CONTAINS"
  }

  fields {
    field_path = "state"
    order      = "ASCENDING"
  }
}

resource "google_firestore_index" "files_to_try_again" {
  collection = "files"

  fields {
    field_path   = "collections"
    array_config = "CONTAINS"
  }

  fields {
    field_path = "state"
    order      = "ASCENDING"
  }

  fields {
    field_path = "next_try"
    order      = "ASCENDING"
  }
}

resource "google_firestore_index" "files_lost" {
  collection = "files"

  fields {
    field_path   = "collections"
    array_config = "CONTAINS"
  }

  fields {
    field_path = "state"
    order      = "ASCENDING"
  }

  fields {
    field_path = "queued_at"
    order      = "ASCENDING"
  }
}

resource "google_firestore_index" "files_expiring" {
  collection = "files"

  fields {
    field_path   = "collections"
    array_config = "CONTAINS"
  }

  fields {
    field_path = "expires_at"
    order      = "ASCENDING"
  }
}
