"""Pages with lines as Document AI's Document: one text, and anchors into it.

Shape: google.cloud.documentai.v1.Document; int64 are strings and a startIndex of 0 is left out, as in all of
Google's JSON.
"""

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]


def document(mime_type: str, pages: Sequence[Json]) -> Json:
    """The Document of what reader.py read."""
    text, shown = "", []
    for page in pages:
        start = len(text)
        lines = []
        for line in page["lines"]:
            begin = len(text)
            text += line["text"] + "\n"
            layout = _layout(begin, len(text), line["confidence"], line["box"], page)
            lines.append({"layout": layout})
        box = [0, 0, page["width"], page["height"]]
        confidence = min((line["confidence"] for line in page["lines"]), default=0.0)
        shown.append(
            {
                "pageNumber": page["number"],
                "dimension": {"width": page["width"], "height": page["height"], "unit": "pixels"},
                "layout": _layout(start, len(text), confidence, box, page),
                "lines": lines,
            }
        )
    return {"mimeType": mime_type, "text": text, "pages": shown}


def _layout(start: int, end: int, confidence: float, box: Sequence[float], page: Json) -> Json:
    left, top, right, bottom = box
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    segment = {"startIndex": str(start), "endIndex": str(end)} if start else {"endIndex": str(end)}
    return {
        "textAnchor": {"textSegments": [segment]} if end > start else {},
        "confidence": round(confidence, 6),
        "boundingPoly": {
            "vertices": [{"x": round(x), "y": round(y)} for x, y in corners],
            "normalizedVertices": [
                {"x": round(x / page["width"], 6), "y": round(y / page["height"], 6)} for x, y in corners
            ],
        },
        "orientation": "PAGE_UP",
    }
