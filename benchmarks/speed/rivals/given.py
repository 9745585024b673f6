"""What every rival is given: the texts, the place of its index, the models, the prompt."""

import json
import os
from pathlib import Path

PROJECT = os.environ.get("GOOGLE_CLOUD_PROJECT", "")
LOCATION = os.environ.get("GENAI_LOCATION", "us-central1")
MODEL = os.environ.get("GENAI_MODEL", "")
EMBEDDING_MODEL = os.environ.get("GENAI_EMBEDDING_MODEL", "")
DIMENSIONS = int(os.environ.get("GENAI_EMBEDDING_DIMENSIONS", "384"))
INDEX = Path(os.environ.get("SPEED_INDEX", "index"))
"""Where this rival keeps its index."""
TOP_K = 8
CHUNK, OVERLAP = 1000, 200
"""Characters of a chunk, so that eight of them make a prompt of about the product's size."""
MAX_OUTPUT_TOKENS = 1024


def texts() -> list[tuple[str, str]]:
    """(file, text) of every file, as the product's own extraction read them."""
    raw = json.loads(Path(os.environ["SPEED_TEXTS"]).read_text(encoding="utf-8"))
    return [(str(name), str(text)) for name, text in raw]


def instructions() -> str:
    """The product's own system instruction."""
    return Path(os.environ["SPEED_INSTRUCTIONS"]).read_text(encoding="utf-8").strip()


def source(number: int, file: str, text: str) -> str:
    """A source as the model is shown it, the same for everybody."""
    return f'<source id="{number}" file="{file}">\n{text}\n</source>'


def event(text: str) -> str:
    """A piece of the answer on the wire."""
    return f"data: {json.dumps({'text': text}, ensure_ascii=False)}\n\n"
