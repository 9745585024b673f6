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

resource "google_firestore_index" "files_below_folder_read_since" {
  database   = google_firestore_database.docent.name
  collection = "files"

  fields {
    field_path   = "folders"
    array_config = "CONTAINS"
  }

  fields {
    field_path = "read_at"
    order      = "ASCENDING"
  }
}

resource "google_firestore_index" "files_by_state" {
  database   = google_firestore_database.docent.name
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
  database   = google_firestore_database.docent.name
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
  database   = google_firestore_database.docent.name
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
  database   = google_firestore_database.docent.name
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

resource "google_firestore_index" "feedback_by_rating" {
  database   = google_firestore_database.docent.name
  collection = "feedback"

  fields {
    field_path = "rating"
    order      = "ASCENDING"
  }

  fields {
    field_path = "at"
    order      = "DESCENDING"
  }
}

# Everybody's questions by time and by request, over all conversations.
resource "google_firestore_field" "messages_asked_at" {
  database   = google_firestore_database.docent.name
  collection = "messages"
  field      = "asked_at"

  index_config {
    indexes {
      order       = "ASCENDING"
      query_scope = "COLLECTION"
    }

    indexes {
      order       = "DESCENDING"
      query_scope = "COLLECTION"
    }

    indexes {
      order       = "DESCENDING"
      query_scope = "COLLECTION_GROUP"
    }
  }
}

resource "google_firestore_field" "messages_request_id" {
  database   = google_firestore_database.docent.name
  collection = "messages"
  field      = "request_id"

  index_config {
    indexes {
      order       = "ASCENDING"
      query_scope = "COLLECTION"
    }

    indexes {
      order       = "ASCENDING"
      query_scope = "COLLECTION_GROUP"
    }
  }
}

# A map with a field for each series of metrics, of which none is ever asked for.
resource "google_firestore_field" "numbers_series" {
  database   = google_firestore_database.docent.name
  collection = "numbers"
  field      = "series"

  index_config {}
}

resource "google_firestore_index" "conversations_latest" {
  database   = google_firestore_database.docent.name
  collection = "conversations"

  fields {
    field_path = "subject"
    order      = "ASCENDING"
  }

  fields {
    field_path = "updated_at"
    order      = "DESCENDING"
  }
}

# For SEARCH_BACKEND=firestore. Embeddings of fewer dimensions are filled up to this many.
resource "google_firestore_index" "vectors_nearest" {
  database   = google_firestore_database.docent.name
  collection = "vectors"

  fields {
    field_path   = "reach"
    array_config = "CONTAINS"
  }

  fields {
    field_path = "dense"

    vector_config {
      dimension = 768

      flat {}
    }
  }
}

# The other collection, for the index of a changed embedding model beside the old one.
resource "google_firestore_index" "vectors_b_nearest" {
  database   = google_firestore_database.docent.name
  collection = "vectors_b"

  fields {
    field_path   = "reach"
    array_config = "CONTAINS"
  }

  fields {
    field_path = "dense"

    vector_config {
      dimension = 768

      flat {}
    }
  }
}

resource "google_firestore_field" "vectors_b_weights" {
  database   = google_firestore_database.docent.name
  collection = "vectors_b"
  field      = "weights"

  index_config {}
}

resource "google_firestore_field" "vectors_b_restricts" {
  database   = google_firestore_database.docent.name
  collection = "vectors_b"
  field      = "restricts"

  index_config {}
}

resource "google_firestore_field" "vectors_b_dense" {
  database   = google_firestore_database.docent.name
  collection = "vectors_b"
  field      = "dense"

  index_config {}
}

resource "google_firestore_field" "vectors_b_floats" {
  database   = google_firestore_database.docent.name
  collection = "vectors_b"
  field      = "floats"

  index_config {}
}

resource "google_firestore_field" "vectors_weights" {
  database   = google_firestore_database.docent.name
  collection = "vectors"
  field      = "weights"

  index_config {}
}

resource "google_firestore_field" "vectors_restricts" {
  database   = google_firestore_database.docent.name
  collection = "vectors"
  field      = "restricts"

  index_config {}
}

resource "google_firestore_field" "vectors_dense" {
  database   = google_firestore_database.docent.name
  collection = "vectors"
  field      = "dense"

  index_config {}
}

resource "google_firestore_field" "vectors_floats" {
  database   = google_firestore_database.docent.name
  collection = "vectors"
  field      = "floats"

  index_config {}
}

# What people browse: a key each of who may meet it where, in the order of names.

resource "google_firestore_index" "files_browsed" {
  database   = google_firestore_database.docent.name
  collection = "files"

  fields {
    field_path   = "found_by"
    array_config = "CONTAINS"
  }

  fields {
    field_path = "title"
    order      = "ASCENDING"
  }
}

resource "google_firestore_index" "folders_browsed" {
  database   = google_firestore_database.docent.name
  collection = "folders"

  fields {
    field_path   = "found_by"
    array_config = "CONTAINS"
  }

  fields {
    field_path = "title"
    order      = "ASCENDING"
  }
}
