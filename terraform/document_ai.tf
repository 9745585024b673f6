# The processor that reads scanned pages and pictures, when the setting OCR_ENGINE is documentai and OCR_PROCESSOR names no
# other one. It costs by the page. Document AI is in the United States or in the European Union, in no single region.

locals {
  ocr = lookup(var.settings, "OCR_ENGINE", "gemini") == "documentai"
}

resource "google_document_ai_processor" "ocr" {
  # checkov:skip=CKV2_GCP_22: it keeps nothing of what it reads, and a key of one region does not fit its place
  count = local.ocr && !contains(keys(var.settings), "OCR_PROCESSOR") ? 1 : 0

  display_name = "${var.prefix}-ocr"
  location     = startswith(var.region, "europe-") ? "eu" : "us"
  type         = "OCR_PROCESSOR"
  depends_on   = [google_project_service.apis]
}
