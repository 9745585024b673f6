# What is watched, and who is told. Each alert's text names its section of docs/operations.md. The events are lines of
# the functions' logs; tests/terraform/test_monitoring.py looks each of them up in the code.

locals {
  # A counter of log lines by event.
  events = {
    answers_degraded = ["answer.degraded"]
    audit_failed     = ["audit.unwritable", "audit.not_linked"]
    files_given_up   = ["file.given_up"]
    signins_refused  = ["signin.account_not_allowed", "signin.another_browser", "signin.failed"]
    starts_refused   = ["start.refused"]
    syncs_finished   = ["sync.finished"]
  }

  _service = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=monitoring.regex.full_match(\"${var.prefix}-(${join("|", keys(local.functions))})\")"
  _logged  = { for name, _ in local.events : name => "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/${var.prefix}/${name}\"" }
  _queue   = "resource.type=\"cloud_tasks_queue\" AND resource.labels.queue_id=\"${google_cloud_tasks_queue.ingest.name}\""

  # Fires when `filter`, aligned over `period` seconds and reduced over all series, is above `above` for `duration` seconds.
  _alerts = {
    error-rate = {
      title  = "One answer in twenty is an error"
      filter = "${local._service} AND metric.type=\"run.googleapis.com/request_count\" AND metric.labels.response_code_class=\"5xx\""
      of     = "${local._service} AND metric.type=\"run.googleapis.com/request_count\""
      align  = "ALIGN_RATE", reduce = "REDUCE_SUM", period = 300, above = 0.05, duration = 300, severity = "CRITICAL"
    }
    first-words-are-slow = {
      title  = "One question in twenty waits more than ten seconds for the first words"
      filter = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/${var.prefix}/first_words\""
      of     = null
      align  = "ALIGN_DELTA", reduce = "REDUCE_PERCENTILE_95", period = 900, above = 10000, duration = 900, severity = "WARNING"
    }
    answers-degraded = {
      title  = "The model does not answer: more than ten questions in a quarter of an hour got quotes instead"
      filter = local._logged.answers_degraded
      of     = null
      align  = "ALIGN_DELTA", reduce = "REDUCE_SUM", period = 900, above = 10, duration = 0, severity = "ERROR"
    }
    queue-depth = {
      title  = "More than 1,000 tasks have waited for half an hour"
      filter = "${local._queue} AND metric.type=\"cloudtasks.googleapis.com/queue/depth\""
      of     = null
      align  = "ALIGN_MEAN", reduce = "REDUCE_SUM", period = 300, above = 1000, duration = 1800, severity = "WARNING"
    }
    files-given-up = {
      title  = "Files were given up after their last try"
      filter = local._logged.files_given_up
      of     = null
      align  = "ALIGN_DELTA", reduce = "REDUCE_SUM", period = 3600, above = 0, duration = 0, severity = "WARNING"
    }
    sign-in-failures = {
      title  = "More than twenty sign-ins in a quarter of an hour were refused"
      filter = local._logged.signins_refused
      of     = null
      align  = "ALIGN_DELTA", reduce = "REDUCE_SUM", period = 900, above = 20, duration = 0, severity = "WARNING"
    }
    access-denials = {
      title  = "More than 200 requests in a quarter of an hour were for what the caller may not have"
      filter = "${local._service} AND metric.type=\"run.googleapis.com/request_count\" AND metric.labels.response_code=one_of(\"403\", \"404\")"
      of     = null
      align  = "ALIGN_DELTA", reduce = "REDUCE_SUM", period = 900, above = 200, duration = 0, severity = "WARNING"
    }
    audit-trail = {
      title  = "The audit trail could not be written"
      filter = local._logged.audit_failed
      of     = null
      align  = "ALIGN_DELTA", reduce = "REDUCE_SUM", period = 300, above = 0, duration = 0, severity = "CRITICAL"
    }
    start-refused = {
      title  = "A function refuses to start: a secret or a setting is missing"
      filter = local._logged.starts_refused
      of     = null
      align  = "ALIGN_DELTA", reduce = "REDUCE_SUM", period = 300, above = 0, duration = 0, severity = "CRITICAL"
    }
    unreachable = {
      title  = "GET /health fails from outside"
      filter = "resource.type=\"uptime_url\" AND metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND metric.labels.check_id=\"${google_monitoring_uptime_check_config.health.uptime_check_id}\""
      of     = null
      align  = "ALIGN_NEXT_OLDER", reduce = "REDUCE_COUNT_FALSE", period = 1200, above = 1, duration = 0, severity = "CRITICAL"
    }
  }
}

resource "google_monitoring_notification_channel" "emails" {
  for_each = toset(var.alert_emails)

  display_name = "Docent: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
  depends_on   = [google_project_service.apis]
}

resource "google_logging_metric" "events" {
  for_each = local.events

  name   = "${var.prefix}/${each.key}"
  filter = "resource.type=\"cloud_run_revision\" AND jsonPayload.message=(${join(" OR ", [for one in each.value : "\"${one}\""])})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }

  depends_on = [google_project_service.apis]
}

# Milliseconds from the question to the first words of its answer.
resource "google_logging_metric" "first_words" {
  name            = "${var.prefix}/first_words"
  filter          = "resource.type=\"cloud_run_revision\" AND jsonPayload.message=\"request.finished\" AND jsonPayload.first_token_ms>=0"
  value_extractor = "EXTRACT(jsonPayload.first_token_ms)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "ms"
  }

  bucket_options {
    exponential_buckets {
      num_finite_buckets = 40
      growth_factor      = 1.25
      scale              = 10
    }
  }

  depends_on = [google_project_service.apis]
}

resource "google_monitoring_uptime_check_config" "health" {
  display_name = "Docent: GET /health"
  timeout      = "30s"
  period       = "900s" # each one wakes a sleeping function

  http_check {
    path         = "/health"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }

  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = var.project, host = trimprefix(local.address, "https://") }
  }

  depends_on = [google_project_service.apis]
}

# Google charges for each condition, so where nobody would be told there are none.
resource "google_monitoring_alert_policy" "alerts" {
  for_each = { for name, alert in local._alerts : name => alert if length(var.alert_emails) > 0 }

  display_name          = "Docent: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = [for channel in google_monitoring_notification_channel.emails : channel.id]

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter             = each.value.filter
      denominator_filter = each.value.of
      comparison         = "COMPARISON_GT"
      threshold_value    = each.value.above
      duration           = "${each.value.duration}s"

      aggregations {
        alignment_period     = "${each.value.period}s"
        per_series_aligner   = each.value.align
        cross_series_reducer = each.value.reduce
      }

      dynamic "denominator_aggregations" {
        for_each = each.value.of == null ? [] : [each.value]

        content {
          alignment_period     = "${denominator_aggregations.value.period}s"
          per_series_aligner   = denominator_aggregations.value.align
          cross_series_reducer = denominator_aggregations.value.reduce
        }
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "What to do: ${var.runbooks}#${each.key}"
  }

  depends_on = [google_logging_metric.events, google_logging_metric.first_words]
}

# Silence is a sign too: collections are scheduled, and none was brought up to date.
resource "google_monitoring_alert_policy" "ingest_lag" {
  count = min(length(var.collections), length(var.alert_emails), 1)

  display_name          = "Docent: no collection was brought up to date for six hours"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = [for channel in google_monitoring_notification_channel.emails : channel.id]

  conditions {
    display_name = "No sync finished for six hours"

    condition_absent {
      filter   = local._logged.syncs_finished
      duration = "21600s"

      aggregations {
        alignment_period     = "3600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "What to do: ${var.runbooks}#ingest-lag"
  }

  depends_on = [google_logging_metric.events]
}

locals {
  _charts = [
    { title = "Requests a second, by function", filter = "${local._service} AND metric.type=\"run.googleapis.com/request_count\"", align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = ["resource.label.service_name"] },
    { title = "Answers by class of status", filter = "${local._service} AND metric.type=\"run.googleapis.com/request_count\"", align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = ["metric.label.response_code_class"] },
    { title = "First words, 95th percentile, ms", filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.first_words.name}\"", align = "ALIGN_DELTA", reduce = "REDUCE_PERCENTILE_95", by = [] },
    { title = "Instances, by function", filter = "${local._service} AND metric.type=\"run.googleapis.com/container/instance_count\"", align = "ALIGN_MAX", reduce = "REDUCE_SUM", by = ["resource.label.service_name"] },
    { title = "Tasks that wait", filter = "${local._queue} AND metric.type=\"cloudtasks.googleapis.com/queue/depth\"", align = "ALIGN_MEAN", reduce = "REDUCE_SUM", by = [] },
    { title = "Firestore: documents read a second", filter = "resource.type=\"firestore.googleapis.com/Database\" AND metric.type=\"firestore.googleapis.com/document/read_ops_count\"", align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = [] },
    { title = "Sign-ins refused", filter = local._logged.signins_refused, align = "ALIGN_DELTA", reduce = "REDUCE_SUM", by = [] },
    { title = "Files given up", filter = local._logged.files_given_up, align = "ALIGN_DELTA", reduce = "REDUCE_SUM", by = [] },
  ]
}

resource "google_monitoring_dashboard" "docent" {
  dashboard_json = jsonencode({
    displayName = "Docent"
    mosaicLayout = {
      columns = 48
      tiles = [for number, chart in local._charts : {
        xPos = number % 2 * 24, yPos = floor(number / 2) * 16, width = 24, height = 16
        widget = {
          title = chart.title
          xyChart = { dataSets = [{
            plotType = "LINE"
            timeSeriesQuery = { timeSeriesFilter = {
              filter      = chart.filter
              aggregation = { alignmentPeriod = "300s", perSeriesAligner = chart.align, crossSeriesReducer = chart.reduce, groupByFields = chart.by }
            } }
          }] }
        }
      }]
    }
  })

  depends_on = [google_logging_metric.events]

  lifecycle {
    ignore_changes = [dashboard_json] # Google writes it back in another order
  }
}
