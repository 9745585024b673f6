"""EPUB books (EPUB 3.3, and 2): chapters in reading order."""

import posixpath
from urllib.parse import unquote

from shared.documents.archive import Package, attribute, local
from shared.documents.formats.html import add_html, decode_html
from shared.documents.outline import Outline
from shared.documents.reasons import Unreadable, corrupt, encrypted
from shared.documents.source import Source
from shared.models import Extraction


def read(source: Source) -> Extraction:
    """Every document of the spine; a chapter without a heading stands under the one before."""
    with Package(source.path) as package:
        if package.has("META-INF/rights.xml"):
            raise encrypted()
        part = _package_document(package)
        root = package.tree(part)
        outline = Outline(next((each.text or "" for each in root.iter("{*}title")), ""))
        targets = {
            each.get("id", ""): posixpath.normpath(
                posixpath.join(posixpath.dirname(part), unquote(each.get("href", "")))
            )
            for each in root.iterfind("{*}manifest/{*}item")
        }
        for reference in root.iterfind("{*}spine/{*}itemref"):
            target = targets.get(reference.get("idref", ""), "")
            if package.has(target) and not outline.full:
                _chapter(package, target, outline)
        return outline.extraction()


def _chapter(package: Package, part: str, outline: Outline) -> None:
    try:
        add_html(decode_html(package.read(part)), outline)
    except Unreadable as error:
        if error.code not in {"corrupt", "empty"}:
            raise
        outline.warn("A chapter could not be read.")


def _package_document(package: Package) -> str:
    if package.has("META-INF/container.xml"):
        for element in package.tree("META-INF/container.xml").iter():
            if local(element) == "rootfile" and package.has(attribute(element, "full-path")):
                return attribute(element, "full-path")
    raise corrupt("The book")
