# Vector Search, which runs day and night: the economy profile has none. There are two places, a and b, so that the index
# of another embedding model can be built beside the one that answers (docs/ingestion.md, "Another embedding model").

locals {
  next_place = var.index == "a" ? "b" : "a"
  indexes = local.profile.vector_search == null ? {} : merge(
    { (var.index) = local.dimensions },
    var.next_embedding == null ? {} : { (local.next_place) = var.next_embedding.dimensions },
  )
}

moved {
  from = google_vertex_ai_index.chunks[0]
  to   = google_vertex_ai_index.chunks["a"]
}

moved {
  from = google_vertex_ai_index_endpoint_deployed_index.chunks[0]
  to   = google_vertex_ai_index_endpoint_deployed_index.chunks["a"]
}

resource "google_vertex_ai_index" "chunks" {
  for_each = local.indexes

  display_name        = "${var.prefix}-chunks${each.key == "a" ? "" : "-b"}"
  region              = var.region
  index_update_method = "STREAM_UPDATE"

  metadata {
    config {
      dimensions                  = each.value
      approximate_neighbors_count = 150
      distance_measure_type       = "DOT_PRODUCT_DISTANCE"
      feature_norm_type           = "UNIT_L2_NORM"
      shard_size                  = local.profile.vector_search.shard_size

      algorithm_config {
        tree_ah_config {
          leaf_node_embedding_count    = 1000
          leaf_nodes_to_search_percent = 10
        }
      }
    }
  }

  depends_on = [google_project_service.apis]
}

resource "google_vertex_ai_index_endpoint" "chunks" {
  # checkov:skip=CKV2_GCP_34: functions reach it without a network of their own; every call needs IAM
  count = local.profile.vector_search == null ? 0 : 1

  display_name            = "${var.prefix}-chunks"
  region                  = var.region
  public_endpoint_enabled = true
  depends_on              = [google_project_service.apis]
}

resource "google_vertex_ai_index_endpoint_deployed_index" "chunks" {
  for_each = local.indexes

  deployed_index_id = "${replace(var.prefix, "-", "_")}_chunks${each.key == "a" ? "" : "_b"}"
  display_name      = "${var.prefix}-chunks${each.key == "a" ? "" : "-b"}"
  region            = var.region
  index             = google_vertex_ai_index.chunks[each.key].id
  index_endpoint    = google_vertex_ai_index_endpoint.chunks[0].id

  dedicated_resources {
    min_replica_count = local.profile.vector_search.min_replicas
    max_replica_count = local.profile.vector_search.max_replicas

    machine_spec {
      machine_type = local.profile.vector_search.machine_type
    }
  }

  timeouts {
    create = "2h"
  }
}
