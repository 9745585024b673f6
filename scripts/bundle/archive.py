"""A zip whose bytes follow from its content alone."""

import io
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a zip can name."""
_UNIX = 3
_FILE = 0o100644 << 16


def archive(files: Mapping[str, bytes]) -> bytes:
    """The files by path: sorted, without times or modes of their own, and stored.

    Deflate is left out because its bytes differ between versions of zlib, and a changed byte is a deployment.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as zipped:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system, entry.external_attr = _UNIX, _FILE
            zipped.writestr(entry, files[path])
    return out.getvalue()
