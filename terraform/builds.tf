# Deployments by Cloud Build: an account of their own, and two triggers of the same cloudbuild.yaml. The one plans at
# every push and keeps the plan; the other applies that very plan once somebody has approved it. Without `repository`
# there is none of this, and a person deploys.

locals {
  _builds   = var.repository == "" ? 0 : 1
  _deployer = try("serviceAccount:${google_service_account.deployer[0].account_id}@${var.project}.iam.gserviceaccount.com", "")

  # What terraform manages, service by service. Only these roles, and only while a build runs with them.
  _deployer_roles = var.repository == "" ? [] : concat(
    [
      "roles/aiplatform.admin",
      "roles/artifactregistry.admin",
      "roles/cloudbuild.builds.editor",
      "roles/cloudfunctions.admin",
      "roles/cloudscheduler.admin",
      "roles/cloudtasks.admin",
      "roles/datastore.owner",
      "roles/iam.roleAdmin",
      "roles/iam.serviceAccountAdmin",
      "roles/logging.admin",
      "roles/monitoring.admin",
      "roles/resourcemanager.projectIamAdmin",
      "roles/run.admin",
      "roles/secretmanager.admin",
      "roles/serviceusage.serviceUsageAdmin",
      "roles/storage.admin",
    ],
    local.entrance == "load_balancer" ? ["roles/compute.loadBalancerAdmin", "roles/compute.securityAdmin"] : ["roles/firebasehosting.admin"],
    var.customer_managed_keys ? ["roles/cloudkms.admin"] : [],
  )
}

resource "google_service_account" "deployer" {
  count = local._builds

  account_id   = "${var.prefix}-deployer"
  display_name = "Docent: deploys from Cloud Build"
  depends_on   = [google_project_service.apis]
}

resource "google_project_iam_member" "deployer" {
  # checkov:skip=CKV_GCP_41: it makes the functions' accounts, so it must be able to act as each of them
  # checkov:skip=CKV_GCP_42: terraform administers these services, and this is the account it does so with
  # checkov:skip=CKV_GCP_49: it sets the grants of iam.tf; the trigger that uses it waits for a person's approval
  # checkov:skip=CKV_GCP_117: none of these is a basic role
  for_each = toset(local._deployer_roles)

  project = var.project
  role    = each.key
  member  = local._deployer
}

# It may act as the accounts that it puts on functions, builds and scheduled jobs, and as no other.
resource "google_service_account_iam_member" "deployer" {
  for_each = var.repository == "" ? {} : { for name, path in local.accounts_by_path : name => path if name != "tasks" }

  service_account_id = each.value
  role               = "roles/iam.serviceAccountUser"
  member             = local._deployer
}

resource "google_cloudbuild_trigger" "deployments" {
  for_each = var.repository == "" ? {} : {
    plan  = { branch = ".*", approval = false }
    apply = { branch = "^main$", approval = true }
  }

  name            = "${var.prefix}-${each.key}"
  location        = var.region
  filename        = "cloudbuild.yaml"
  service_account = google_service_account.deployer[0].id
  substitutions = {
    _MODE    = each.key
    _PREFIX  = var.prefix
    _PROFILE = var.profile
    _REGION  = var.region
  }

  repository_event_config {
    repository = var.repository

    push {
      branch = each.value.branch
    }
  }

  approval_config {
    approval_required = each.value.approval
  }

  depends_on = [google_project_service.apis]
}
