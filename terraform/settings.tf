# What the functions are told. reads.json is the code's own: which function reads which setting of docs/settings.md; it is
# written by `python -m tests.terraform.wired`, and a test compares it with the code. A function gets a value for exactly the
# settings it reads, as far as there is one here; the rest keep the default of shared/settings.py.

locals {
  reads = jsondecode(file("${path.module}/reads.json"))

  max_attempts = 8
  dimensions   = tonumber(lookup(var.settings, "GENAI_EMBEDDING_DIMENSIONS", 768))

  # Where vectors lie in Firestore, by place.
  _vectors = { a = "vectors", b = "vectors_b" }

  # The index that is built beside the one that answers.
  _next = var.next_embedding == null ? {} : merge(
    {
      NEXT_EMBEDDING_MODEL      = var.next_embedding.model
      NEXT_EMBEDDING_DIMENSIONS = tostring(var.next_embedding.dimensions)
      NEXT_SEARCH_VECTORS       = local._vectors[local.next_place]
    },
    local.profile.vector_search == null ? {} : {
      NEXT_VECTOR_DEPLOYED_INDEX = google_vertex_ai_index_endpoint_deployed_index.chunks[local.next_place].deployed_index_id
      NEXT_VECTOR_INDEX          = google_vertex_ai_index.chunks[local.next_place].id
    },
  )

  _values = merge(
    {
      GOOGLE_CLOUD_PROJECT       = var.project
      FIRESTORE_DATABASE         = google_firestore_database.docent.name
      TASKS_MAX_ATTEMPTS         = tostring(local.max_attempts)
      TASKS_QUEUE                = "projects/${var.project}/locations/${var.region}/queues/${google_cloud_tasks_queue.ingest.name}"
      TASKS_SERVICE_ACCOUNT      = local.accounts.tasks
      TASKS_TARGET               = local.ingest_address
      SCHEDULER_SERVICE_ACCOUNT  = local.accounts.scheduler
      GENAI_EMBEDDING_DIMENSIONS = tostring(local.dimensions)
      GOOGLE_CLIENT_ID           = var.google_client_id
      OAUTH_REDIRECT_URI         = "${local.address}/auth/callback"
      FRONTEND_URL               = local.address
      AUTH_JWKS_URL              = "${local.address}/auth/jwks"
      ADMIN_EMAILS               = join(",", var.admin_emails)
      DRIVE_PUSH_URL             = local.address
      TRACING_URL                = "https://cloudtrace.googleapis.com"
      EXPORT_BUCKET              = google_storage_bucket.private["exports"].name
    },
    { for setting, secret in google_secret_manager_secret.secrets : setting => secret.secret_id },
    length(var.allowed_domains) == 0 ? {} : { ALLOWED_DOMAINS = join(",", var.allowed_domains) },
    length(var.cors_origins) == 0 ? {} : { CORS_ORIGINS = join(",", var.cors_origins) },
    var.firebase_project == "" ? {} : { FIREBASE_PROJECT = var.firebase_project },
    # Firebase Hosting ends an answer after 60 s; by then the passages are quoted instead.
    local.entrance == "hosting" ? { ANSWER_SECONDS = "40" } : {},
    local.entrance == "hosting" ? {} : { CLIENT_PLACE_HEADER = local.place_header, TRUSTED_PROXY_HOPS = "1" },
    local.profile.vector_search == null ? { SEARCH_BACKEND = "firestore", SEARCH_VECTORS = local._vectors[var.index] } : { SEARCH_BACKEND = "vertex" },
    local._next,
    local.ocr ? { OCR_ENGINE = "documentai" } : {},
    { for one in google_document_ai_processor.ocr : "OCR_PROCESSOR" => one.id },
    local.profile.vector_search == null ? {} : {
      VECTOR_DEPLOYED_INDEX = google_vertex_ai_index_endpoint_deployed_index.chunks[var.index].deployed_index_id
      VECTOR_ENDPOINT       = google_vertex_ai_index_endpoint.chunks[0].id
      VECTOR_INDEX          = google_vertex_ai_index.chunks[var.index].id
      VECTOR_INDEX_HOST     = "${var.region}-aiplatform.googleapis.com"
      VECTOR_MATCH_HOST     = google_vertex_ai_index_endpoint.chunks[0].public_endpoint_domain_name
    },
    var.verified,
    var.settings,
  )

  environment = {
    for name, settings in local.reads : name => { for one in settings : one => local._values[one] if contains(keys(local._values), one) }
  }
}
