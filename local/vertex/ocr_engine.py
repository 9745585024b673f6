"""The child process of ocr.py: images in on stdin, their text out on stdout."""

import json
import os
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any, NoReturn

Point = Sequence[float]

CELL_GAP = 0.7
"""A gap between two boxes that separates cells, in heights of the letters; a space is about 0.3."""
HEADER = struct.Struct(">I")


@dataclass(frozen=True)
class Box:
    """Recognised text and where it stands, after the page was turned straight."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    @property
    def height(self) -> float:
        """Of the letters, roughly."""
        return self.bottom - self.top


def straightened(corners: Sequence[Sequence[Point]], texts: Sequence[str]) -> list[Box]:
    """Boxes without the page's tilt: `corners` are top left, top right, bottom right, bottom left."""
    slopes = [
        (box[1][1] - box[0][1]) / (box[1][0] - box[0][0])
        for box in corners
        if box[1][0] - box[0][0] > 3 * abs(box[3][1] - box[0][1])
    ]
    tilt = median(slopes) if slopes else 0.0
    boxes = []
    for box, text in zip(corners, texts, strict=True):
        heights = [y - tilt * x for x, y in box]
        xs = [x for x, _ in box]
        boxes.append(Box(text, min(xs), max(xs), sum(heights[:2]) / 2, sum(heights[2:]) / 2))
    return boxes


def lines(boxes: Sequence[Box]) -> list[str]:
    """Text lines from top to bottom; what stands side by side is one line, wide gaps become ` | `."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda one: (one.top + one.bottom) / 2):
        if rows and _same_line(rows[-1], box):
            rows[-1].append(box)
        else:
            rows.append([box])
    return [_joined(sorted(row, key=lambda one: one.left)) for row in rows]


def _same_line(row: Sequence[Box], box: Box) -> bool:
    """Whether half of the lower one's height is shared and nothing of the row is above or below it."""
    top, bottom = median(one.top for one in row), median(one.bottom for one in row)
    shared = min(bottom, box.bottom) - max(top, box.top)
    apart = all(box.left >= one.right or box.right <= one.left for one in row)
    return apart and shared > 0.5 * min(bottom - top, box.height)


def _joined(row: Sequence[Box]) -> str:
    text = row[0].text
    for before, box in pairwise(row):
        gap = box.left - before.right
        text += (" | " if gap > CELL_GAP * box.height else " ") + box.text
    return text


def load_engine() -> Any:
    """The engine, with the models of the wheel and nothing else."""
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": min(2, os.cpu_count() or 1),
        }
    )


def read(engine: Any, image: bytes) -> dict[str, str]:
    """The text of an image, or why there is none."""
    try:
        found = engine(image)
    except Exception as error:  # noqa: BLE001 - decoders raise what they like at a broken image
        return {"error": type(error).__name__}
    if found.boxes is None or not found.txts:
        return {"text": ""}
    return {"text": "\n".join(lines(straightened(found.boxes.tolist(), found.txts)))}


def _no_network(*_: object, **__: object) -> NoReturn:
    raise OSError("the image reader does not use the network")


def serve(answer: Callable[[Any, bytes], dict[str, str]]) -> None:
    """Answer each frame on stdin with `answer(engine, frame)` on stdout, until stdin ends."""
    socket.socket.connect = _no_network  # type: ignore[method-assign]
    stdin, stdout = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever the engine prints must not end up between the frames
    engine = None
    while len(head := stdin.read(HEADER.size)) == HEADER.size:
        frame = stdin.read(HEADER.unpack(head)[0])
        engine = engine or load_engine()
        reply = json.dumps(answer(engine, frame)).encode()
        stdout.write(HEADER.pack(len(reply)) + reply)
        stdout.flush()


if __name__ == "__main__":
    serve(read)
