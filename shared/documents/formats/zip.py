"""ZIP archives: every document inside, each as sections of its own."""

from shared.documents import limits
from shared.documents.archive import Package
from shared.documents.outline import Outline
from shared.documents.reasons import Unreadable
from shared.documents.source import Source
from shared.models import Extraction


def read(source: Source) -> Extraction:
    """The documents in the directory's order; raises Unreadable("unsupported") when none can be read."""
    outline = Outline()
    with Package(source.path) as package:
        names = [name for name in package.names if not name.startswith("__MACOSX/")]
        read_any = False
        for name in names[: limits.PARTS]:
            try:
                outline.graft(source.nested(package.read(name), "", name), name)
                read_any = True
            except Unreadable as error:
                if error.code == "bomb":
                    raise
                outline.warn(f"{name} was left out: {error.sentence}")
        if len(names) > limits.PARTS:
            outline.warn(f"Only the first {limits.PARTS} of {len(names)} files in the archive were read.")
    if not read_any:
        raise Unreadable("unsupported", "No file in the archive can be searched.")
    return outline.extraction()
