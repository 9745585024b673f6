# The entrance with Cloud Armor: one address, the functions behind it by path, the page from a bucket.

locals {
  _balanced = local.entrance == "load_balancer" ? local.functions : {}
  _balancer = local.entrance == "load_balancer" ? 1 : 0

  _page_files = local.entrance == "load_balancer" ? fileset(var.page_folder, "**") : []
  _content_types = {
    css  = "text/css", html = "text/html; charset=utf-8", ico = "image/x-icon", js = "text/javascript", json = "application/json"
    png  = "image/png", svg = "image/svg+xml", txt = "text/plain; charset=utf-8", webmanifest = "application/manifest+json"
    woff = "font/woff", woff2 = "font/woff2"
  }
}

resource "google_compute_global_address" "entrance" {
  count = local._balancer

  name       = var.prefix
  depends_on = [google_project_service.apis]

  lifecycle {
    precondition {
      condition     = var.domain != ""
      error_message = "A load balancer needs `domain`: its certificate is made for a name."
    }
  }
}

resource "google_compute_security_policy" "entrance" {
  count = local._balancer

  name        = var.prefix
  description = "No rule here looks into bodies: questions are prose, and prose about SQL is not an attack."
  depends_on  = [google_project_service.apis]

  rule {
    action      = "deny(403)"
    priority    = 1000
    description = "Known exploits of the day, such as Log4Shell"

    match {
      expr {
        expression = "evaluatePreconfiguredWaf('cve-canary')"
      }
    }
  }

  rule {
    action      = "throttle"
    priority    = 2000
    description = "Too many requests from one address"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = var.requests_per_minute
        interval_sec = 60
      }
    }
  }

  rule {
    action      = "allow"
    priority    = 2147483647
    description = "Everybody else"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }
  }
}

resource "google_compute_region_network_endpoint_group" "functions" {
  for_each = local._balanced

  name                  = "${var.prefix}-${each.key}"
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloudfunctions2_function.functions[each.key].name
  }
}

resource "google_compute_backend_service" "functions" {
  for_each = local._balanced

  name                   = "${var.prefix}-${each.key}"
  protocol               = "HTTPS"
  load_balancing_scheme  = "EXTERNAL_MANAGED"
  security_policy        = google_compute_security_policy.entrance[0].id
  custom_request_headers = ["${local.place_header}:{client_city}, {client_region}"]

  backend {
    group = google_compute_region_network_endpoint_group.functions[each.key].id
  }

  log_config {
    enable      = true
    sample_rate = 1
  }
}

resource "google_storage_bucket" "page" {
  # checkov:skip=CKV_GCP_62: a page that everybody may read needs no log of readers
  # checkov:skip=CKV_GCP_78: each file is made anew from the source at every deployment
  # checkov:skip=CKV_GCP_114: the page is public, and holds nothing but code
  count = local._balancer

  name                        = "${var.project}-${var.prefix}-page"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "inherited"
  force_destroy               = true

  website {
    main_page_suffix = "index.html"
    not_found_page   = "index.html" # the page's own addresses, such as a conversation's
  }
}

resource "google_storage_bucket_iam_member" "page_readers" {
  # checkov:skip=CKV_GCP_28: the page is public, and holds nothing but code
  count = local._balancer

  bucket = google_storage_bucket.page[0].name
  role   = "roles/storage.objectViewer"
  member = "allUsers"
}

resource "google_storage_bucket_object" "page" {
  for_each = local._page_files

  bucket        = google_storage_bucket.page[0].name
  name          = each.key
  source        = "${var.page_folder}/${each.key}"
  content_type  = lookup(local._content_types, reverse(split(".", each.key))[0], "application/octet-stream")
  cache_control = startswith(each.key, "assets/") ? "public, max-age=31536000, immutable" : "no-cache"
}

resource "google_compute_backend_bucket" "page" {
  count = local._balancer

  name                    = "${var.prefix}-page"
  bucket_name             = google_storage_bucket.page[0].name
  compression_mode        = "AUTOMATIC"
  custom_response_headers = [for name, value in local.page_headers : "${name}: ${value}"]
  depends_on              = [google_project_service.apis]
}

resource "google_compute_url_map" "entrance" {
  count = local._balancer

  name            = var.prefix
  default_service = google_compute_backend_bucket.page[0].id

  host_rule {
    hosts        = [var.domain]
    path_matcher = "docent"
  }

  path_matcher {
    name            = "docent"
    default_service = google_compute_backend_bucket.page[0].id

    dynamic "path_rule" {
      for_each = local.paths

      content {
        paths   = path_rule.value
        service = google_compute_backend_service.functions[path_rule.key].id
      }
    }
  }
}

resource "google_compute_managed_ssl_certificate" "entrance" {
  count = local._balancer

  name       = var.prefix
  depends_on = [google_project_service.apis]

  managed {
    domains = [var.domain]
  }
}

resource "google_compute_ssl_policy" "entrance" {
  count = local._balancer

  name            = var.prefix
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
  depends_on      = [google_project_service.apis]
}

resource "google_compute_target_https_proxy" "entrance" {
  count = local._balancer

  name             = var.prefix
  url_map          = google_compute_url_map.entrance[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.entrance[0].id]
  ssl_policy       = google_compute_ssl_policy.entrance[0].id
}

resource "google_compute_global_forwarding_rule" "entrance" {
  count = local._balancer

  name                  = var.prefix
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.entrance[0].id
  port_range            = "443"
  target                = google_compute_target_https_proxy.entrance[0].id
}

# Whoever comes without TLS is sent on to it; nothing else answers on port 80.

resource "google_compute_url_map" "to_https" {
  count = local._balancer

  name       = "${var.prefix}-to-https"
  depends_on = [google_project_service.apis]

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "MOVED_PERMANENTLY_DEFAULT"
    strip_query            = false
  }
}

resource "google_compute_target_http_proxy" "to_https" {
  count = local._balancer

  name    = "${var.prefix}-to-https"
  url_map = google_compute_url_map.to_https[0].id
}

resource "google_compute_global_forwarding_rule" "to_https" {
  count = local._balancer

  name                  = "${var.prefix}-to-https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.entrance[0].id
  port_range            = "80"
  target                = google_compute_target_http_proxy.to_https[0].id
}
