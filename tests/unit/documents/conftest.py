"""Reading a file as ingestion does, and seeing its text."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from shared.documents.extract import ImageReader, extract
from shared.models import Extraction

Reading = Callable[..., Extraction]


@pytest.fixture
def read(tmp_path: Path) -> Reading:
    """Read bytes under a name, with a MIME type and a reader of images if given."""

    def reading(
        data: bytes | str | Path, name: str, mime_type: str = "", read_image: ImageReader | None = None
    ) -> Extraction:
        path = data if isinstance(data, Path) else tmp_path / f"file-{uuid4()}"
        if not isinstance(data, Path):
            path.write_bytes(data.encode() if isinstance(data, str) else data)
        return extract(path, mime_type, name, read_image)

    return reading
