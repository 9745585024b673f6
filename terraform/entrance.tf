# What both entrances share: which paths belong to which function, and the headers of the page. The local gateway has
# the same table; tests/terraform/test_entrance.py compares them.

locals {
  paths = {
    auth   = ["/auth/*"]
    chat   = ["/chat", "/chat/*", "/collections", "/folders", "/folders/*", "/files/*"]
    ingest = ["/collections/*", "/ingest/*"]
    health = ["/health", "/health/*", "/cache/*", "/cost/*", "/stats", "/stats/*", "/metrics", "/audit"]
  }

  page_headers = {
    "Content-Security-Policy" = join("; ", [
      "default-src 'self'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
      "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
    ])
    "X-Content-Type-Options"    = "nosniff"
    "Referrer-Policy"           = "same-origin"
    "Strict-Transport-Security" = "max-age=31536000; includeSubDomains"
  }

  place_header = "X-Client-Place"

  # Firebase Hosting has no resource in this provider; scripts/deploy writes this to firebase.json and publishes it.
  firebase = {
    hosting = {
      public = "chat-app/dist"
      headers = [
        { source = "**", headers = [for name, value in local.page_headers : { key = name, value = value }] },
        { source = "/assets/**", headers = [{ key = "Cache-Control", value = "public, max-age=31536000, immutable" }] },
      ]
      rewrites = concat(
        flatten([for name, paths in local.paths : [
          for path in paths : {
            source = replace(path, "/*", "/**")
            run    = { serviceId = google_cloudfunctions2_function.functions[name].name, region = var.region }
          }
        ]]),
        [{ source = "**", destination = "/index.html" }],
      )
    }
  }
}
