variable "admin_emails" {
  description = "Who becomes administrator at the first sign-in."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.admin_emails) > 0 && alltrue([for one in var.admin_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", one))])
    error_message = "Name at least one administrator, by e-mail address."
  }
}

variable "alert_emails" {
  description = "Who is told when an alert fires or the budget is nearly used; nobody: no alerts are made, which cost by the condition."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "allowed_domains" {
  description = "Workspace domains whose people may sign in; none: only administrators."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for one in var.allowed_domains : can(regex("^[a-z0-9.-]+\\.[a-z]+$", one))])
    error_message = "A domain is written like example.com, in small letters, without @."
  }
}

variable "billing_account" {
  description = "The billing account (XXXXXX-XXXXXX-XXXXXX) that gets a budget; empty: none is made. Whoever applies needs roles/billing.costsManager on it."
  type        = string
  default     = ""
  nullable    = false
}

variable "budget" {
  description = "The monthly budget: it alerts, it does not cap. `currency` must be the billing account's."
  type        = object({ amount = optional(number, 50), currency = optional(string, "USD") })
  default     = {}
  nullable    = false

  validation {
    condition     = var.budget.amount > 0
    error_message = "A budget is more than nothing."
  }
}

variable "collections" {
  description = "Collections that Cloud Scheduler syncs, by id: how often, in unix-cron."
  type        = map(object({ schedule = optional(string, "*/10 * * * *") }))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for id in keys(var.collections) : can(regex("^[a-z0-9][a-z0-9-]{0,62}$", id))])
    error_message = "A collection's id is small letters, digits and hyphens, at most 63."
  }
}

variable "connector_grant" {
  description = "Whether Drive is read with an administrator's own grant, kept in a secret, instead of the ingest function's account."
  type        = bool
  default     = false
  nullable    = false
}

variable "cors_origins" {
  description = "Other origins whose pages may call Docent with a person's session."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for one in var.cors_origins : can(regex("^https://[^/*]+$", one))])
    error_message = "An origin is written like https://app.example.com, without path or wildcard."
  }
}

variable "customer_managed_keys" {
  description = "Encrypt database, secrets, index and buckets with keys of this project's Cloud KMS. Fixed once data is there. The service agents of Firestore, Secret Manager and Vertex AI must exist first: gcloud beta services identity create --service=firestore.googleapis.com (secretmanager.googleapis.com, aiplatform.googleapis.com)."
  type        = bool
  default     = false
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether the database, the index, the secrets and the buckets with data refuse to be destroyed. `make destroy DATA=yes` turns it off first."
  type        = bool
  default     = true
  nullable    = false
}

variable "domain" {
  description = "The host people open, such as docent.example.com. Needed by the load balancer; with hosting, empty means PROJECT.web.app."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.domain == "" || can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.domain))
    error_message = "A domain is a host name, without https:// and without a path."
  }
}

variable "entrance" {
  description = "What stands in front of the functions: `hosting` (Firebase Hosting: free, no Cloud Armor) or `load_balancer` (with Cloud Armor; about $25 a month). Empty: the profile's."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = contains(["", "hosting", "load_balancer"], var.entrance)
    error_message = "The entrance is hosting or load_balancer."
  }
}

variable "firebase_project" {
  description = "The Firebase project whose ID tokens are taken at sign-in; empty: that way in does not exist."
  type        = string
  default     = ""
  nullable    = false
}

variable "firestore_database" {
  description = "The database's name. The first of a project is free up to a daily quota."
  type        = string
  default     = "(default)"
  nullable    = false
}

variable "google_client_id" {
  description = "The OAuth client's id. Its secret goes into Secret Manager by hand, never in here."
  type        = string
  nullable    = false

  validation {
    condition     = endswith(var.google_client_id, ".apps.googleusercontent.com")
    error_message = "An OAuth client's id ends in .apps.googleusercontent.com."
  }
}

variable "index" {
  description = "The place of the index that answers, a or b: after a change of the embedding model the other one."
  type        = string
  default     = "a"
  nullable    = false

  validation {
    condition     = contains(["a", "b"], var.index)
    error_message = "The place is a or b."
  }
}

variable "next_embedding" {
  description = "Another embedding model, whose index is made in the other place beside the one that answers; null: none."
  type        = object({ model = string, dimensions = optional(number, 768) })
  default     = null

  validation {
    condition     = var.next_embedding == null || try(var.next_embedding.dimensions >= 128 && var.next_embedding.dimensions <= 3072, false)
    error_message = "A vector has 128 to 3,072 dimensions."
  }
}

variable "package_folder" {
  description = "The folder with auth.zip, chat.zip, ingest.zip and health.zip, as scripts/package writes them."
  type        = string
  default     = "../dist"
  nullable    = false
}

variable "page_folder" {
  description = "The folder of the built page."
  type        = string
  default     = "../chat-app/dist"
  nullable    = false
}

variable "prefix" {
  description = "The beginning of every name, so that two installations fit into one project."
  type        = string
  default     = "docent"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,14}$", var.prefix))
    error_message = "The prefix is 2 to 15 small letters, digits and hyphens, and begins with a letter."
  }
}

variable "profile" {
  description = "economy: everything sleeps when nobody asks, search in Firestore. standard: Vector Search. scale: for 1,000 people."
  type        = string
  default     = "economy"
  nullable    = false

  validation {
    condition     = contains(["economy", "standard", "scale"], var.profile)
    error_message = "The profile is economy, standard or scale."
  }
}

variable "project" {
  description = "The project's id."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "A project's id is 6 to 30 small letters, digits and hyphens."
  }
}

variable "region" {
  description = "The region of everything. Firestore's place cannot be changed afterwards."
  type        = string
  default     = "us-central1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region is written like europe-west1."
  }
}

variable "repository" {
  description = "The repository as Cloud Build knows it (projects/P/locations/R/connections/C/repositories/N), to deploy from; empty: people deploy."
  type        = string
  default     = ""
  nullable    = false
}

variable "requests_per_minute" {
  description = "Requests a minute from one address before Cloud Armor answers 429."
  type        = number
  default     = 600
  nullable    = false
}

variable "runbooks" {
  description = "Where docs/operations.md can be read; alerts link to its sections."
  type        = string
  default     = "docs/operations.md"
  nullable    = false
}

variable "settings" {
  description = "Settings of docs/settings.md to change, by variable; each goes to the functions that read it."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.settings) : contains(distinct(flatten(values(local.reads))), name)])
    error_message = "Not a setting that any function reads: ${join(", ", [for name in keys(var.settings) : name if !contains(distinct(flatten(values(local.reads))), name)])}."
  }
}

variable "verified" {
  description = "Settings that scripts/verify-deployment found on the real project; it writes them to verified.auto.tfvars.json. `settings` wins over them."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.verified) : contains(distinct(flatten(values(local.reads))), name)])
    error_message = "Not a setting that any function reads: ${join(", ", [for name in keys(var.verified) : name if !contains(distinct(flatten(values(local.reads))), name)])}; run scripts/verify-deployment again."
  }
}
