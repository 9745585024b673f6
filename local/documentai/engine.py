"""The child process of reader.py: a document in on stdin, its pages' lines out on stdout.

Frames are those of local.vertex.ocr_engine; a request is a line of JSON, then the document.
"""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image, ImageOps, ImageSequence

from local.vertex.ocr_engine import CELL_GAP, Box, serve, straightened

PDF = "application/pdf"
DOTS_PER_POINT = 200 / 72
"""A PDF's pages are drawn with 200 dots an inch."""
MAX_PIXELS = 40_000_000
Json = dict[str, Any]


def pages(document: bytes, options: Mapping[str, Any]) -> Iterator[tuple[int, Image.Image]]:
    """The wanted pages as pictures with their numbers, from 1.

    `options` are mime, limit, and one of pages, fromStart, fromEnd. Raises ValueError past the limit.
    """
    draw = _pdf_pages if options["mime"] == PDF else _image_pages
    yield from draw(document, options)


def _pdf_pages(document: bytes, options: Mapping[str, Any]) -> Iterator[tuple[int, Image.Image]]:
    with pypdfium2.PdfDocument(document) as pdf:
        for number in wanted(len(pdf), options):
            page = pdf[number - 1]
            width, height = page.get_size()
            scale = min(DOTS_PER_POINT, (MAX_PIXELS / (width * height)) ** 0.5)
            yield number, page.render(scale=scale).to_pil().convert("RGB")


def _image_pages(document: bytes, options: Mapping[str, Any]) -> Iterator[tuple[int, Image.Image]]:
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with Image.open(io.BytesIO(document)) as image:
        frames = getattr(image, "n_frames", 1) if options["mime"] == "image/tiff" else 1
        chosen = set(wanted(frames, options))
        for number, frame in enumerate(ImageSequence.Iterator(image), 1):
            if number in chosen:
                yield number, ImageOps.exif_transpose(frame).convert("RGB")


def wanted(count: int, options: Mapping[str, Any]) -> list[int]:
    """The numbers of the pages to read. Raises ValueError for one that is not there, or too many."""
    numbers = list(range(1, count + 1))
    if options.get("pages"):
        chosen = sorted(set(options["pages"]))
        if chosen[0] < 1 or chosen[-1] > count:
            raise ValueError(f"Invalid page selected: the document has {count} pages.")
        numbers = chosen
    elif options.get("fromStart"):
        numbers = numbers[: options["fromStart"]]
    elif options.get("fromEnd"):
        numbers = numbers[-options["fromEnd"] :]
    if len(numbers) > options["limit"]:
        raise ValueError(f"Document pages exceed the limit: {options['limit']} got {len(numbers)}")
    return numbers


def lines(found: Sequence[tuple[Box, Json]]) -> list[Json]:
    """Lines from top to bottom, in a row from left to right; a wide gap ends a line.

    Each is {text, confidence, box: [left, top, right, bottom]}.
    """
    rows: list[list[tuple[Box, Json]]] = []
    for each in sorted(found, key=lambda pair: (pair[0].top + pair[0].bottom) / 2):
        if rows and _beside([box for box, _ in rows[-1]], each[0]):
            rows[-1].append(each)
        else:
            rows.append([each])
    return [line for row in rows for line in _split(sorted(row, key=lambda pair: pair[0].left))]


def _beside(row: Sequence[Box], box: Box) -> bool:
    """Whether a box shares half of its height with a row, and its place with none of it."""
    last = row[-1]
    shared = min(last.bottom, box.bottom) - max(last.top, box.top)
    level = shared >= min(last.height, box.height) / 2
    return level and all(box.left >= one.right or box.right <= one.left for one in row)


def _split(row: Sequence[tuple[Box, Json]]) -> Iterator[Json]:
    """The lines of a row: what stands closer than cells of a table do is one."""
    line, last = dict(row[0][1]), row[0][0]
    for box, one in row[1:]:
        if box.left - last.right > CELL_GAP * box.height:
            yield line
            line = dict(one)
        else:
            line = {
                "text": f"{line['text']} {one['text']}",
                "confidence": min(line["confidence"], one["confidence"]),
                "box": [
                    *(min(pair) for pair in zip(line["box"][:2], one["box"][:2], strict=True)),
                    *(max(pair) for pair in zip(line["box"][2:], one["box"][2:], strict=True)),
                ],
            }
        last = box
    yield line


def read_page(engine: Any, number: int, picture: Image.Image) -> Json:
    """{number, width, height, lines}; sizes are pixels."""
    seen = engine(np.asarray(picture)[:, :, ::-1])  # the engine takes blue first
    found: list[Json] = []
    corners = [] if seen.boxes is None or not seen.txts else seen.boxes.tolist()
    for box, text, score in zip(corners, seen.txts or (), seen.scores or (), strict=True):
        xs, ys = [x for x, _ in box], [y for _, y in box]
        edges = [min(xs), min(ys), max(xs), max(ys)]
        found.append({"text": text, "confidence": float(score), "box": edges})
    boxes = straightened(corners, [one["text"] for one in found])
    shown = lines(list(zip(boxes, found, strict=True)))
    return {"number": number, "width": picture.width, "height": picture.height, "lines": shown}


def answer(engine: Any, request: bytes) -> dict[str, str]:
    """The pages as JSON under `text`, or why there are none under `error`."""
    head, _, document = request.partition(b"\n")
    try:
        read = [read_page(engine, *page) for page in pages(document, json.loads(head))]
    except ValueError as error:
        return {"error": str(error)}
    except Exception as error:  # noqa: BLE001 - decoders raise what they like at a broken document
        return {"error": type(error).__name__}
    return {"text": json.dumps(read)}


if __name__ == "__main__":
    serve(answer)
