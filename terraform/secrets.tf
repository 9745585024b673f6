# The secrets, and who may read which. Their values are put in by hand or by scripts/deploy and never pass through here,
# so neither a plan nor the state knows them.

locals {
  secrets = merge(var.connector_grant ? { DRIVE_CONNECTOR_SECRET = { name = "drive-connector-grant", readers = ["ingest"] } } : {}, {
    SECRETS_AUDIT_KEYS    = { name = "audit-keys", readers = ["auth", "chat", "ingest", "health"] }
    SECRETS_CLIENT_SECRET = { name = "oauth-client-secret", readers = ["auth", "chat"] }
    SECRETS_SEALING_KEYS  = { name = "sealing-keys", readers = ["auth", "chat"] }
    SECRETS_SESSION_KEYS  = { name = "session-signing-keys", readers = ["auth"] }
  })

  secret_readers = merge([
    for setting, secret in local.secrets : { for reader in secret.readers : "${reader}-${secret.name}" => { setting = setting, reader = reader } }
  ]...)
}

resource "google_secret_manager_secret" "secrets" {
  for_each = local.secrets

  secret_id           = "${var.prefix}-${each.value.name}"
  deletion_protection = var.deletion_protection
  version_destroy_ttl = "2592000s" # thirty days to take a destroyed version back

  replication {
    auto {
      dynamic "customer_managed_encryption" {
        for_each = google_kms_crypto_key.docent

        content {
          kms_key_name = customer_managed_encryption.value.id
        }
      }
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.services, google_project_service.apis]
}

resource "google_secret_manager_secret_iam_member" "functions" {
  for_each = local.secret_readers

  secret_id = google_secret_manager_secret.secrets[each.value.setting].id
  role      = "roles/secretmanager.secretAccessor"
  member    = local.members[each.value.reader]
}
