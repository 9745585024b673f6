# The three sizes. The code is the same; only what stands here differs.

locals {
  _profiles = {
    economy = {
      entrance           = "hosting"
      min_instances      = { auth = 0, chat = 0, ingest = 0, health = 0 }
      max_instances      = { auth = 4, chat = 10, ingest = 4, health = 2 }
      dispatches_at_once = 4
      vector_search      = null
    }
    standard = {
      entrance           = "load_balancer"
      min_instances      = { auth = 0, chat = 1, ingest = 0, health = 0 }
      max_instances      = { auth = 10, chat = 20, ingest = 10, health = 4 }
      dispatches_at_once = 16
      vector_search = {
        machine_type = "e2-standard-2"
        shard_size   = "SHARD_SIZE_SMALL"
        min_replicas = 1
        max_replicas = 2
      }
    }
    scale = {
      entrance           = "load_balancer"
      min_instances      = { auth = 1, chat = 3, ingest = 0, health = 1 }
      max_instances      = { auth = 40, chat = 100, ingest = 40, health = 10 }
      dispatches_at_once = 64
      vector_search = {
        machine_type = "e2-standard-16"
        shard_size   = "SHARD_SIZE_MEDIUM"
        min_replicas = 2
        max_replicas = 6
      }
    }
  }

  profile  = local._profiles[var.profile]
  entrance = coalesce(var.entrance, local.profile.entrance)

  hosting_address = var.domain == "" ? "https://${var.project}.web.app" : "https://${var.domain}"
  address         = local.entrance == "hosting" ? local.hosting_address : "https://${var.domain}"
}
