# The four functions: one map, one resource. What each may do is in iam.tf, what each is told in settings.tf.

locals {
  # Concurrency is requests at once in one instance: chat waits for others most of the time, ingest computes.
  functions = {
    auth   = { memory = "512Mi", cpu = "1", concurrency = 80, timeout = 60 }
    chat   = { memory = "1Gi", cpu = "1", concurrency = 40, timeout = 300 }
    ingest = { memory = "2Gi", cpu = "1", concurrency = 4, timeout = 840 }
    health = { memory = "512Mi", cpu = "1", concurrency = 80, timeout = 60 }
  }

  packages = { for name, _ in local.functions : name => "${var.package_folder}/${name}.zip" }

  # Known before the service exists, so that ingest can be told its own.
  ingest_address = "https://${var.prefix}-ingest-${data.google_project.this.number}.${var.region}.run.app"
}

# The name holds the content's hash: a changed byte is a new object, which is what makes a function deploy again.
resource "google_storage_bucket_object" "packages" {
  for_each = local.packages

  bucket = google_storage_bucket.private["packages"].name
  name   = "${each.key}-${filesha256(each.value)}.zip"
  source = each.value
}

resource "google_artifact_registry_repository" "images" {
  # checkov:skip=CKV_GCP_84: an image holds code and no data; Google's own keys encrypt it
  repository_id = "${var.prefix}-images"
  location      = var.region
  format        = "DOCKER"
  description   = "The functions' images, made at each deployment."

  # Without a limit the images of old deployments are what costs most in a small installation.
  cleanup_policies {
    id     = "keep-the-newest"
    action = "KEEP"

    most_recent_versions {
      keep_count = 3
    }
  }

  cleanup_policies {
    id     = "delete-the-rest"
    action = "DELETE"

    condition {
      older_than = "604800s"
    }
  }

  depends_on = [google_project_service.apis]
}

resource "google_cloudfunctions2_function" "functions" {
  # checkov:skip=CKV_GCP_124: behind Firebase Hosting nothing but a public address can be called; see local.ingress
  for_each = local.functions

  name     = "${var.prefix}-${each.key}"
  location = var.region

  build_config {
    runtime           = "python311"
    entry_point       = each.key
    service_account   = local.accounts_by_path.build
    docker_repository = google_artifact_registry_repository.images.id

    source {
      storage_source {
        bucket = google_storage_bucket.private["packages"].name
        object = google_storage_bucket_object.packages[each.key].name
      }
    }
  }

  service_config {
    service_account_email            = local.accounts[each.key]
    available_memory                 = each.value.memory
    available_cpu                    = each.value.cpu
    max_instance_request_concurrency = each.value.concurrency
    timeout_seconds                  = each.value.timeout
    min_instance_count               = local.profile.min_instances[each.key]
    max_instance_count               = local.profile.max_instances[each.key]
    ingress_settings                 = local.entrance == "load_balancer" ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_ALL"
    all_traffic_on_latest_revision   = true
    environment_variables            = local.environment[each.key]
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.build,
    google_project_iam_member.build,
    google_project_iam_member.functions,
    google_secret_manager_secret_iam_member.functions,
  ]
}

# Anyone may call, and each function decides for itself who is asking: people by session, Cloud Tasks and Cloud
# Scheduler by their token. Neither entrance can show an identity of its own to Cloud Run.
resource "google_cloud_run_v2_service_iam_member" "callers" {
  for_each = google_cloudfunctions2_function.functions

  location = var.region
  name     = each.value.name
  role     = "roles/run.invoker"
  member   = "allUsers"
}
