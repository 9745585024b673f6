"""What charts and diagrams say (ECMA-376 DrawingML): numbers as a table, nodes as lines."""

from lxml import etree

_POINTS = 2_000


def chart_rows(root: etree._Element) -> tuple[str, list[list[str]]]:
    """The chart's title, those of its axes with it, and its cached data; no rows when it has none.

    Categories go down, series across.
    """
    titles = ("".join(each.text or "" for each in title.iter("{*}t")) for title in root.iter("{*}title"))
    title = ", ".join(text for text in titles if text.strip())
    categories: dict[int, str] = {}
    series: list[tuple[str, dict[int, str]]] = []
    for each in root.iter("{*}ser"):
        name = " ".join(_points(each, "tx").values())
        categories = {**_points(each, "cat"), **_points(each, "xVal"), **categories}
        series.append((name, _points(each, "val") or _points(each, "yVal")))
    keys = sorted({*categories, *(key for _, values in series for key in values)})[:_POINTS]
    if not keys:
        return title, []
    rows = [["", *(name for name, _ in series)]]
    rows += [[categories.get(key, ""), *(values.get(key, "") for _, values in series)] for key in keys]
    return title, rows


def diagram_lines(root: etree._Element) -> list[str]:
    """The texts of a diagram's nodes (SmartArt), in the order of its model; none when it is a chart."""
    nodes = [
        "".join(each.text or "" for each in node.iterfind("{*}t//{*}t"))
        for node in root.iterfind("{*}ptLst/{*}pt")
    ]
    return [text for text in nodes if text.strip()]


def _points(series: etree._Element, part: str) -> dict[int, str]:
    """Index -> value as text, numbers without the noise of binary fractions."""
    found: dict[int, str] = {}
    for point in series.iterfind(f"{{*}}{part}//{{*}}pt"):
        index = point.get("idx", "")
        value = "".join(each.text or "" for each in point.iterfind("{*}v"))
        if index.isdecimal():
            key = int(index)
            found[key] = f"{found[key]} {_plain(value)}" if key in found else _plain(value)
    return found


def _plain(value: str) -> str:
    try:
        return f"{float(value):.12g}"
    except ValueError:
        return value
