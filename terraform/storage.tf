# Buckets that only this project sees: `packages` holds the functions' zips, `backups` what scripts/backup writes, `exports`
# collections on their way to another project: what files say, and who may read them.
# The page's bucket, which everybody sees, is in load_balancer.tf.

locals {
  _buckets = {
    packages = { delete_after = 90, versions = 3 }
    backups  = { delete_after = 365, versions = 10 }
    exports  = { delete_after = 30, versions = 1 }
  }
}

resource "google_storage_bucket" "private" {
  # checkov:skip=CKV_GCP_62: who read what is in Cloud Audit Logs; a bucket of access logs would be one more to guard
  for_each = local._buckets

  name                        = "${var.project}-${var.prefix}-${each.key}"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      age                = each.value.delete_after
      num_newer_versions = each.value.versions
      with_state         = "ARCHIVED"
    }
  }

  dynamic "encryption" {
    for_each = google_kms_crypto_key.docent

    content {
      default_kms_key_name = encryption.value.id
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.services, google_project_service.apis]
}

resource "google_storage_bucket_iam_member" "exports" {
  bucket = google_storage_bucket.private["exports"].name
  role   = "roles/storage.objectUser"
  member = local.members.ingest
}
