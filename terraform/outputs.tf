# What a person or a script needs after `terraform apply`: addresses first, then names, then what is left to do.

output "address" {
  description = "Where people open Docent."
  value       = local.address
}

output "oauth_redirect_uri" {
  description = "Register exactly this as an authorised redirect URI of the OAuth client."
  value       = "${local.address}/auth/callback"
}

output "smoke_url" {
  description = "Answers 200 once Docent runs: GET, no sign-in."
  value       = "${local.address}/health"
}

output "project" {
  description = "The project that all of this is in."
  value       = var.project
}

output "region" {
  description = "The region that all of this is in."
  value       = var.region
}

output "profile" {
  description = "The profile this was made with."
  value       = var.profile
}

output "entrance" {
  description = "What stands in front of the functions: hosting or load_balancer."
  value       = local.entrance
}

output "functions" {
  description = "Of each function: its address, its service and its service account."
  value = { for name, function in google_cloudfunctions2_function.functions : name => {
    url             = function.service_config[0].uri
    service         = function.name
    service_account = local.accounts[name]
  } }
}

output "connector_account" {
  description = "Share the Drive folders to be indexed with this address, as viewer."
  value       = local.accounts.ingest
}

output "task_account" {
  description = "The account whose tokens the task targets accept."
  value       = local.accounts.tasks
}

output "scheduler_account" {
  description = "The account whose tokens may start a sync."
  value       = local.accounts.scheduler
}

output "build_account" {
  description = "The account that builds the functions' images."
  value       = local.accounts.build
}

output "secrets" {
  description = "The secrets that need a value: their names in Secret Manager, by what the code calls them."
  value       = { for setting, secret in google_secret_manager_secret.secrets : setting => secret.secret_id }
}

output "buckets" {
  description = "Buckets by use. `page` exists behind a load balancer only."
  value = merge(
    { for use, bucket in google_storage_bucket.private : use => bucket.name },
    { for use, bucket in google_storage_bucket.page : "page" => bucket.name },
  )
}

output "queue" {
  description = "Full name of the ingest queue."
  value       = google_cloud_tasks_queue.ingest.id
}

output "firestore_database" {
  description = "The database's name."
  value       = google_firestore_database.docent.name
}

output "values" {
  description = "The settings that have a value here."
  value       = keys(local._values)
}

output "vector_search" {
  description = "The index, its endpoint and the deployed index; null in the economy profile."
  value = try({
    index          = google_vertex_ai_index.chunks[var.index].id
    endpoint       = google_vertex_ai_index_endpoint.chunks[0].id
    deployed_index = google_vertex_ai_index_endpoint_deployed_index.chunks[var.index].deployed_index_id
    match_host     = google_vertex_ai_index_endpoint.chunks[0].public_endpoint_domain_name
  }, null)
}

output "environment" {
  description = "The environment of each function, as it was set."
  value       = local.environment
}

output "reads" {
  description = "Which settings each function reads, whether they are set or left to their defaults."
  value       = local.reads
}

output "paths" {
  description = "Which paths belong to which function; all others are the page's."
  value       = local.paths
}

output "load_balancer_ip" {
  description = "Point the domain's A record here; null with the other entrance."
  value       = one(google_compute_global_address.entrance[*].address)
}

output "firebase_json" {
  description = "firebase.json for `firebase deploy --only hosting`; null with the other entrance."
  value       = local.entrance == "hosting" ? jsonencode(local.firebase) : null
}

output "dashboard" {
  description = "The dashboard in the console."
  value       = "https://console.cloud.google.com/monitoring/dashboards?project=${var.project}"
}

output "next_steps" {
  description = "What no terraform can do, in order."
  value = compact([
    "Put a value into each secret of the output `secrets`: scripts/deploy makes all but the OAuth client's.",
    "Register the output `oauth_redirect_uri` at the OAuth client ${var.google_client_id}.",
    local.entrance == "hosting" ? "Write the output `firebase_json` to firebase.json and run `firebase deploy --only hosting`." : "",
    local.entrance == "load_balancer" ? "Point ${var.domain} at the output `load_balancer_ip`; the certificate follows within the hour." : "",
    "Share the Drive folders with the output `connector_account`, as viewer.",
    "Open the output `address`, sign in as one of `admin_emails`, and name the folders to index.",
  ])
}
