"""Quality: what is found, declined, cited and answered on folders of documents with questions."""
