# The organisation's own key, where it wants one. A key ring and a key cannot be deleted from a project, ever: without
# customer_managed_keys there is none.

locals {
  _keyholders = var.customer_managed_keys ? {
    firestore = "service-${data.google_project.this.number}@gcp-sa-firestore.iam.gserviceaccount.com"
    secrets   = "service-${data.google_project.this.number}@gcp-sa-secretmanager.iam.gserviceaccount.com"
    storage   = data.google_storage_project_service_account.this[0].email_address
    vertex    = "service-${data.google_project.this.number}@gcp-sa-aiplatform.iam.gserviceaccount.com"
  } : {}
}

data "google_storage_project_service_account" "this" {
  count = var.customer_managed_keys ? 1 : 0
}

resource "google_kms_key_ring" "docent" {
  count = var.customer_managed_keys ? 1 : 0

  name       = var.prefix
  location   = var.region
  depends_on = [google_project_service.apis]
}

resource "google_kms_crypto_key" "docent" {
  count = var.customer_managed_keys ? 1 : 0

  name                       = "data"
  key_ring                   = google_kms_key_ring.docent[0].id
  rotation_period            = "7776000s"
  destroy_scheduled_duration = "2592000s"

  lifecycle {
    prevent_destroy = true # without the key every copy of the data is noise, the backups too
  }
}

resource "google_kms_crypto_key_iam_member" "services" {
  for_each = local._keyholders

  crypto_key_id = google_kms_crypto_key.docent[0].id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${each.value}"
}
