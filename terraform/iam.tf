# Who may do what. Each function has an account of its own, with what it calls and nothing else: secrets in secrets.tf,
# the queue in tasks.tf, and here what Google only gives for a whole project. The accounts of Cloud Tasks and Cloud
# Scheduler have no role at all: their tokens say who is calling, and ingest reads them. There are no keys.
# tests/terraform/test_iam.py names the call that each of these is for.

resource "google_service_account" "functions" {
  for_each = local.functions

  account_id   = "${var.prefix}-${each.key}"
  display_name = "Docent: the ${each.key} function"
  depends_on   = [google_project_service.apis]
}

resource "google_service_account" "tasks" {
  account_id   = "${var.prefix}-tasks"
  display_name = "Docent: tasks of the ingest queue"
  depends_on   = [google_project_service.apis]
}

resource "google_service_account" "scheduler" {
  account_id   = "${var.prefix}-scheduler"
  display_name = "Docent: scheduled syncs"
  depends_on   = [google_project_service.apis]
}

resource "google_service_account" "build" {
  account_id   = "${var.prefix}-build"
  display_name = "Docent: builds the functions' images"
  depends_on   = [google_project_service.apis]
}

# Addresses made from names instead of asked for, so that a plan shows who gets what before anything exists.
locals {
  accounts = { for name, id in merge(
    { for name, account in google_service_account.functions : name => account.account_id },
    { tasks = google_service_account.tasks.account_id, scheduler = google_service_account.scheduler.account_id },
    { build = google_service_account.build.account_id },
  ) : name => "${id}@${var.project}.iam.gserviceaccount.com" }

  members          = { for name, email in local.accounts : name => "serviceAccount:${email}" }
  accounts_by_path = { for name, email in local.accounts : name => "projects/${var.project}/serviceAccounts/${email}" }
}

# Vertex AI has no grants on single indexes and models, and its smallest ready-made role, aiplatform.user, may also
# train, deploy and delete. So there are three of our own, one for the Ranking API, and one for Document AI.
resource "google_project_iam_custom_role" "roles" {
  for_each = {
    model_caller = { title = "calls models", permissions = ["aiplatform.endpoints.predict"] }
    index_reader = { title = "asks the index", permissions = ["aiplatform.indexEndpoints.queryVectors"] }
    index_writer = { title = "writes the index", permissions = ["aiplatform.indexes.update"] }
    ranker       = { title = "ranks passages", permissions = ["discoveryengine.rankingConfigs.rank"] }
    ocr_caller   = { title = "reads pictures", permissions = ["documentai.processors.processOnline"] }
  }

  role_id     = "${replace(var.prefix, "-", "_")}_${each.key}"
  title       = "Docent: ${each.value.title}"
  permissions = each.value.permissions
}

locals {
  _database_only = {
    title      = "This database only"
    expression = "resource.name == \"projects/${var.project}/databases/${google_firestore_database.docent.name}\""
  }
  _custom = { for name, role in google_project_iam_custom_role.roles : name => "projects/${var.project}/roles/${role.role_id}" }
  ranking = lookup(var.settings, "RANKING_ENABLED", "false") == "true"
  _index  = local.profile.vector_search != null

  _grants = {
    auth = merge({ firestore = "roles/datastore.user", traces = "roles/cloudtrace.agent" }, var.firebase_project == "" ? {} : { firebase = "roles/firebaseauth.viewer" })
    chat = merge(
      { firestore = "roles/datastore.user", traces = "roles/cloudtrace.agent", models = local._custom.model_caller },
      local._index ? { index = local._custom.index_reader } : {},
      local.ranking ? { ranking = local._custom.ranker } : {},
    )
    ingest = merge(
      { firestore = "roles/datastore.user", traces = "roles/cloudtrace.agent", models = local._custom.model_caller },
      local._index ? { index = local._custom.index_writer, index_contents = local._custom.index_reader } : {},
      local.ocr ? { ocr = local._custom.ocr_caller } : {},
    )
    health = { firestore = "roles/datastore.user", traces = "roles/cloudtrace.agent" }
  }

  grants = merge([
    for name, roles in local._grants : { for use, role in roles : "${name}-${use}" => { function = name, use = use, role = role } }
  ]...)
}

resource "google_project_iam_member" "functions" {
  for_each = local.grants

  project = var.project
  role    = each.value.role
  member  = local.members[each.value.function]

  dynamic "condition" {
    for_each = each.value.use == "firestore" ? [local._database_only] : []

    content {
      title      = condition.value.title
      expression = condition.value.expression
    }
  }
}

# A build writes its log, reads the packages, which Cloud Functions copies to a bucket of its own, and pushes the image.
resource "google_project_iam_member" "build" {
  for_each = {
    logs = { role = "roles/logging.logWriter", only = null }
    source = {
      role = "roles/storage.objectViewer"
      only = join(" || ", [
        for bucket in [google_storage_bucket.private["packages"].name, "gcf-v2-sources-${data.google_project.this.number}-${var.region}"] :
        "resource.name.startsWith(\"projects/_/buckets/${bucket}\")"
      ])
    }
  }

  project = var.project
  role    = each.value.role
  member  = local.members.build

  dynamic "condition" {
    for_each = each.value.only == null ? [] : [each.value.only]

    content {
      title      = "Sources of functions only"
      expression = condition.value
    }
  }
}

resource "google_artifact_registry_repository_iam_member" "build" {
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = local.members.build
}
