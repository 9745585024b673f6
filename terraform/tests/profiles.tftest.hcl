# What each profile makes, and what no profile may do. Run by `make test` with a mocked provider; by hand: terraform test.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }

  mock_resource "google_vertex_ai_index_endpoint" {
    defaults = { public_endpoint_domain_name = "1.us-central1-123456789012.vdb.vertexai.goog" }
  }

  mock_resource "google_artifact_registry_repository" {
    defaults = { id = "projects/docent-check/locations/us-central1/repositories/docent-images" }
  }
}

variables {
  project          = "docent-check"
  google_client_id = "1-check.apps.googleusercontent.com"
  admin_emails     = ["root@example.com"]
  domain           = "docent.example.com"
  package_folder   = "tests/packages"
  page_folder      = "tests/page"
}

run "economy" {
  assert {
    condition     = alltrue([for one in google_cloudfunctions2_function.functions : one.service_config[0].min_instance_count == 0])
    error_message = "In the economy profile nothing is kept awake."
  }

  assert {
    condition     = length(google_vertex_ai_index_endpoint_deployed_index.chunks) == 0 && length(google_compute_global_forwarding_rule.entrance) == 0
    error_message = "In the economy profile nothing runs day and night."
  }

  assert {
    condition     = output.address == "https://docent.example.com" && output.oauth_redirect_uri == "https://docent.example.com/auth/callback"
    error_message = "The addresses follow from the domain."
  }

  assert {
    condition     = jsondecode(output.firebase_json).hosting.rewrites[0].run.serviceId == "docent-auth"
    error_message = "Firebase Hosting passes on to the functions."
  }
}

run "standard" {
  variables { profile = "standard" }

  assert {
    condition     = google_vertex_ai_index_endpoint_deployed_index.chunks["a"].dedicated_resources[0].machine_spec[0].machine_type == "e2-standard-2"
    error_message = "The standard profile searches on one small machine."
  }

  assert {
    condition     = output.environment.chat.VECTOR_MATCH_HOST == "1.us-central1-123456789012.vdb.vertexai.goog"
    error_message = "chat is told the endpoint's own host."
  }

  assert {
    condition     = alltrue([for one in google_cloudfunctions2_function.functions : one.service_config[0].ingress_settings == "ALLOW_INTERNAL_AND_GCLB"])
    error_message = "Behind a load balancer nobody passes it by."
  }

  assert {
    condition     = output.firebase_json == null
    error_message = "There is one entrance."
  }
}

run "scale" {
  variables { profile = "scale" }

  assert {
    condition     = google_cloudfunctions2_function.functions["chat"].service_config[0].min_instance_count >= 3
    error_message = "For a thousand people chat is kept awake."
  }

  assert {
    condition     = google_vertex_ai_index_endpoint_deployed_index.chunks["a"].dedicated_resources[0].min_replica_count >= 2
    error_message = "For a thousand people the index has a second machine."
  }
}

run "data_is_protected" {
  command = plan

  assert {
    condition     = google_firestore_database.docent.delete_protection_state == "DELETE_PROTECTION_ENABLED" && google_firestore_database.docent.deletion_policy == "ABANDON"
    error_message = "`terraform destroy` leaves the database."
  }

  assert {
    condition     = alltrue([for one in google_storage_bucket.private : !one.force_destroy]) && alltrue([for one in google_secret_manager_secret.secrets : one.deletion_protection])
    error_message = "`terraform destroy` leaves buckets with content and secrets."
  }
}

run "data_goes_when_asked" {
  command = plan

  variables { deletion_protection = false }

  assert {
    condition     = google_firestore_database.docent.deletion_policy == "DELETE" && google_storage_bucket.private["backups"].force_destroy
    error_message = "Without protection nothing is left behind."
  }
}

run "own_keys" {
  command = plan

  variables { customer_managed_keys = true }

  assert {
    condition     = length(google_firestore_database.docent.cmek_config) == 1 && length(google_storage_bucket.private["backups"].encryption) == 1 && length(google_secret_manager_secret.secrets["SECRETS_SEALING_KEYS"].replication[0].auto[0].customer_managed_encryption) == 1
    error_message = "With keys of its own the organisation encrypts database, buckets and secrets."
  }
}

run "options" {
  command = plan

  variables {
    billing_account  = "0X0X0X-0X0X0X-0X0X0X"
    alert_emails     = ["ops@example.com"]
    collections      = { handbook = {} }
    firebase_project = "docent-check"
    connector_grant  = true
    repository       = "projects/docent-check/locations/us-central1/connections/c/repositories/docent"
    settings         = { RANKING_ENABLED = "true" }
  }

  assert {
    condition     = google_billing_budget.docent[0].amount[0].specified_amount[0].units == "50"
    error_message = "There is a budget."
  }

  assert {
    condition     = base64decode(google_cloud_scheduler_job.syncs["handbook"].http_target[0].body) == "{\"collection\":\"handbook\"}"
    error_message = "The collection is synced on schedule."
  }

  assert {
    condition     = contains(keys(google_project_iam_member.functions), "auth-firebase") && contains(keys(google_project_iam_member.functions), "chat-ranking")
    error_message = "What is switched on is allowed."
  }

  assert {
    condition     = google_cloudbuild_trigger.deployments["apply"].approval_config[0].approval_required && !google_cloudbuild_trigger.deployments["plan"].approval_config[0].approval_required
    error_message = "Nothing is applied without approval."
  }
}

run "a_load_balancer_needs_a_domain" {
  command = plan

  variables {
    profile = "standard"
    domain  = ""
  }

  expect_failures = [google_compute_global_address.entrance]
}

run "a_setting_that_nobody_reads_is_refused" {
  command = plan

  variables { settings = { GENAI_MODLE = "gemini" } }

  expect_failures = [var.settings]
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    project          = "Docent"
    region           = "Frankfurt"
    profile          = "huge"
    entrance         = "door"
    prefix           = "D"
    google_client_id = "my-client"
    admin_emails     = []
    allowed_domains  = ["@example.com"]
    cors_origins     = ["https://*.example.com"]
  }

  expect_failures = [
    var.project, var.region, var.profile, var.entrance, var.prefix, var.google_client_id, var.admin_emails, var.allowed_domains,
    var.cors_origins,
  ]
}
