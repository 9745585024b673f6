terraform {
  required_version = ">= 1.9, < 2.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.50, < 8"
    }
  }

  # Bucket and prefix are named at `terraform init -backend-config`, so that no address of ours is in here.
  backend "gcs" {}
}

provider "google" {
  project               = var.project
  region                = var.region
  billing_project       = var.project
  user_project_override = true
  default_labels        = { app = var.prefix }
}

data "google_project" "this" {
  project_id = var.project
}
