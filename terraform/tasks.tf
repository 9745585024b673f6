# The queue of ingestion. Its name cannot be used again for seven days after it is destroyed.

resource "google_cloud_tasks_queue" "ingest" {
  name     = "${var.prefix}-ingest"
  location = var.region

  rate_limits {
    max_dispatches_per_second = 50
    max_concurrent_dispatches = local.profile.dispatches_at_once
  }

  # Attempts end only when both limits are reached, so the duration is none: eight tries, then the failure is recorded.
  retry_config {
    max_attempts       = local.max_attempts
    max_retry_duration = "0s"
    min_backoff        = "1s"
    max_backoff        = "60s"
    max_doublings      = 5
  }

  stackdriver_logging_config {
    sampling_ratio = 1
  }

  depends_on = [google_project_service.apis]
}

resource "google_cloud_tasks_queue_iam_member" "ingest" {
  location = var.region
  name     = google_cloud_tasks_queue.ingest.name
  role     = "roles/cloudtasks.enqueuer"
  member   = local.members.ingest
}

# Whoever makes a task with an account's token must be allowed to act as that account.
resource "google_service_account_iam_member" "task_tokens" {
  service_account_id = local.accounts_by_path.tasks
  role               = "roles/iam.serviceAccountUser"
  member             = local.members.ingest
}
