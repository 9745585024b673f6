# One job a collection. A job may fire twice; a sync that is under way is not begun again.

resource "google_cloud_scheduler_job" "syncs" {
  for_each = var.collections

  name             = "${var.prefix}-sync-${each.key}"
  region           = var.region
  description      = "Brings the collection ${each.key} up to date."
  schedule         = each.value.schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "60s"

  retry_config {
    retry_count          = 3
    min_backoff_duration = "10s"
  }

  http_target {
    uri         = "${local.ingest_address}/ingest/sync"
    http_method = "POST"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode(jsonencode({ collection = each.key }))

    oidc_token {
      service_account_email = local.accounts.scheduler
      audience              = local.ingest_address
    }
  }

  depends_on = [google_cloudfunctions2_function.functions]
}
