# What has to be switched on in an empty project. Nothing is switched off again at the end: other things may use it.

locals {
  apis = toset(concat(
    [
      "admin.googleapis.com",
      "aiplatform.googleapis.com",
      "artifactregistry.googleapis.com",
      "cloudbuild.googleapis.com",
      "cloudfunctions.googleapis.com",
      "cloudresourcemanager.googleapis.com",
      "cloudscheduler.googleapis.com",
      "cloudtasks.googleapis.com",
      "cloudtrace.googleapis.com",
      "drive.googleapis.com",
      "firestore.googleapis.com",
      "iam.googleapis.com",
      "logging.googleapis.com",
      "monitoring.googleapis.com",
      "run.googleapis.com",
      "secretmanager.googleapis.com",
      "storage.googleapis.com",
    ],
    local.entrance == "load_balancer" ? ["compute.googleapis.com"] : ["firebase.googleapis.com", "firebasehosting.googleapis.com"],
    var.billing_account == "" ? [] : ["billingbudgets.googleapis.com"],
    var.customer_managed_keys ? ["cloudkms.googleapis.com"] : [],
    local.ocr ? ["documentai.googleapis.com"] : [],
    local.ranking ? ["discoveryengine.googleapis.com"] : [],
    var.firebase_project == "" ? [] : ["identitytoolkit.googleapis.com"],
  ))
}

resource "google_project_service" "apis" {
  for_each = local.apis

  service            = each.key
  disable_on_destroy = false
}
