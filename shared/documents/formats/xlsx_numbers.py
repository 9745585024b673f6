"""Numbers of a workbook as people read them: dates in ISO 8601, no noise of binary fractions."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from lxml import etree

# Built-in number formats that show dates or times (ECMA-376 part 1, 18.8.30, and its East Asian ones).
_BUILT_IN: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_LITERAL: Final = re.compile(r"\"[^\"]*\"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]", re.IGNORECASE)
_EXACT: Final = 10**15
_LAST_DAY: Final = 2_958_466


class Formats:
    """The number formats of one workbook, by the index that a cell names."""

    def __init__(self, styles: etree._Element | None, *, from_1904: bool) -> None:
        self._epoch = datetime(1904, 1, 1, tzinfo=UTC) if from_1904 else datetime(1899, 12, 30, tzinfo=UTC)
        self._dates: list[bool] = []
        if styles is None:
            return
        custom = {each.get("numFmtId"): each.get("formatCode", "") for each in styles.iter("{*}numFmt")}
        for each in styles.iterfind("{*}cellXfs/{*}xf"):
            number = each.get("numFmtId", "0")
            code = custom.get(number)
            built_in = number.isdecimal() and int(number) in _BUILT_IN
            self._dates.append(_is_date(code) if code is not None else built_in)

    @classmethod
    def of_codes(cls, codes: dict[int, str], styles: list[int], *, from_1904: bool) -> "Formats":
        """The formats of a workbook in binary form: codes by number, and each style's number."""
        formats = cls(None, from_1904=from_1904)
        formats._dates = [_is_date(codes[each]) if each in codes else each in _BUILT_IN for each in styles]
        return formats

    def shown(self, value: str, style: str) -> str:
        """A stored number as text; `style` is the cell's index into the formats."""
        try:
            number = float(value)
        except ValueError:
            return value
        index = int(style) if style.isdecimal() else 0
        if index < len(self._dates) and self._dates[index] and 0 <= number < _LAST_DAY:
            return self._date(number)
        if number == int(number) if abs(number) < _EXACT else False:
            return str(int(number))
        return f"{number:.15g}"

    def _date(self, number: float) -> str:
        moment = self._epoch + timedelta(seconds=round(number * 86_400))
        if number < 1:
            return f"{moment:%H:%M:%S}".removesuffix(":00")
        if self._epoch.year == 1899 and number < 61:  # noqa: PLR2004 - 1900 is a leap year to Excel
            moment += timedelta(days=1)
        return f"{moment:%Y-%m-%d %H:%M:%S}".removesuffix(":00").removesuffix(" 00:00")


def _is_date(code: str) -> bool:
    plain = _LITERAL.sub("", code.split(";", maxsplit=1)[0]).lower()
    return (
        bool(re.search(r"[dy]|h|s|mm", plain))
        and "general" not in plain
        and not re.search(r"[0#?](?!0*$)", plain.split(".")[0])
    )
