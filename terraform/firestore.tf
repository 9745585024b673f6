# The database, its backups, and what goes away by itself. The indexes are in firestore_indexes.tf.

resource "google_firestore_database" "docent" {
  name                              = var.firestore_database
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  database_edition                  = "STANDARD"
  concurrency_mode                  = "PESSIMISTIC"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.deletion_protection ? "ABANDON" : "DELETE"

  dynamic "cmek_config" {
    for_each = google_kms_crypto_key.docent

    content {
      kms_key_name = cmek_config.value.id
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.services, google_project_service.apis]
}

# Point-in-time recovery reaches seven days back; these reach further, and outlive the database.
resource "google_firestore_backup_schedule" "daily" {
  database  = google_firestore_database.docent.name
  retention = "604800s"

  daily_recurrence {}
}

resource "google_firestore_backup_schedule" "weekly" {
  database  = google_firestore_database.docent.name
  retention = "8467200s"

  weekly_recurrence {
    day = "SUNDAY"
  }
}

# Firestore deletes a document within a day of its expire_at. The code never waits for that: it checks on reading.
# Written one by one, because the local Firestore reads them and understands no for_each.

resource "google_firestore_field" "sessions_expire" {
  database   = google_firestore_database.docent.name
  collection = "sessions"
  field      = "expire_at"

  ttl_config {}
}

resource "google_firestore_field" "login_states_expire" {
  database   = google_firestore_database.docent.name
  collection = "login_states"
  field      = "expire_at"

  ttl_config {}
}

resource "google_firestore_field" "channels_expire" {
  database   = google_firestore_database.docent.name
  collection = "channels"
  field      = "expire_at"

  ttl_config {}
}

resource "google_firestore_field" "rate_limits_expire" {
  database   = google_firestore_database.docent.name
  collection = "rate_limits"
  field      = "expire_at"

  ttl_config {}
}

resource "google_firestore_field" "cache_answers_expire" {
  database   = google_firestore_database.docent.name
  collection = "cache_answers"
  field      = "expire_at"

  ttl_config {}
}

resource "google_firestore_field" "claims_expire" {
  database   = google_firestore_database.docent.name
  collection = "claims"
  field      = "expire_at"

  ttl_config {}
}

resource "google_firestore_field" "cache_embeddings_expire" {
  database   = google_firestore_database.docent.name
  collection = "cache_embeddings"
  field      = "expire_at"

  ttl_config {}
}

# Nobody looks for a text by its beginning, and an index over it would cost more than the text.

resource "google_firestore_field" "chunks_text" {
  database   = google_firestore_database.docent.name
  collection = "chunks"
  field      = "text"

  index_config {}
}

# People browse in the order of names, which the indexes of firestore_indexes.tf serve; these would never be read.

resource "google_firestore_field" "files_found_by" {
  database   = google_firestore_database.docent.name
  collection = "files"
  field      = "found_by"

  index_config {}
}

resource "google_firestore_field" "folders_found_by" {
  database   = google_firestore_database.docent.name
  collection = "folders"
  field      = "found_by"

  index_config {}
}

# Sums and kept answers are read by name alone.

resource "google_firestore_field" "usage_items" {
  database   = google_firestore_database.docent.name
  collection = "usage"
  field      = "items"

  index_config {}
}

resource "google_firestore_field" "usage_counts" {
  database   = google_firestore_database.docent.name
  collection = "usage"
  field      = "counts"

  index_config {}
}

resource "google_firestore_field" "usage_models" {
  database   = google_firestore_database.docent.name
  collection = "usage"
  field      = "models"

  index_config {}
}

resource "google_firestore_field" "usage_collections" {
  database   = google_firestore_database.docent.name
  collection = "usage"
  field      = "collections"

  index_config {}
}

resource "google_firestore_field" "usage_days_items" {
  database   = google_firestore_database.docent.name
  collection = "usage_days"
  field      = "items"

  index_config {}
}

resource "google_firestore_field" "usage_days_counts" {
  database   = google_firestore_database.docent.name
  collection = "usage_days"
  field      = "counts"

  index_config {}
}

resource "google_firestore_field" "usage_days_models" {
  database   = google_firestore_database.docent.name
  collection = "usage_days"
  field      = "models"

  index_config {}
}

resource "google_firestore_field" "usage_days_collections" {
  database   = google_firestore_database.docent.name
  collection = "usage_days"
  field      = "collections"

  index_config {}
}

resource "google_firestore_field" "cache_answers_value" {
  database   = google_firestore_database.docent.name
  collection = "cache_answers"
  field      = "value"

  index_config {}
}

resource "google_firestore_field" "cache_embeddings_value" {
  database   = google_firestore_database.docent.name
  collection = "cache_embeddings"
  field      = "value"

  index_config {}
}
