"""Text and CSV in the encodings that files of the world are in, none of which says which it is."""

# ruff: noqa: RUF001 - letters of many scripts are what this is about

import pytest

from tests.unit.documents.conftest import Reading

TEXTS = {
    "Russian": "Настройки сервера: перезагрузка не требуется. Отдел закупок утверждает договор.",
    "Ukrainian": "Налаштування сервера не потрібне. Відділ закупівель затверджує договір, їжі вдосталь.",
    "Polish": "Zażółć gęślą jaźń. Wniosek należy złożyć do piątku; świąteczny urlop płatny.",
    "Czech": "Příliš žluťoučký kůň úpěl ďábelské ódy. Žádost podejte do pátku.",
    "Hungarian": "Árvíztűrő tükörfúrógép. A kérelmet péntekig kell benyújtani, a főnök dönt.",
    "Turkish": "Şirket yıllık izin süresini yirmi güne çıkardı. Ücret ödemesi ağustosta yapılır.",
    "Lithuanian": "Žuvų ąžuolas ėda šviežią ūkį. Prašymą pateikite iki penktadienio.",
    "German": "Die Änderung für Zürich: Größe und Straße bleiben, Übungen fallen aus.",
    "French": "L’été dernier, la société a décidé d’augmenter les salaires à 3 €.",
    "Italian": "L'attività è già finita: perché non può più durare così?",
    "Hebrew": "החברה החליטה להעלות את השכר בחמישה אחוזים. יש להגיש את הטופס עד יום חמישי.",
    "Greek": "Η εταιρεία αποφάσισε να αυξήσει τους μισθούς κατά πέντε τοις εκατό.",
    "Arabic": "قررت الشركة زيادة الرواتب بنسبة خمسة في المئة. يجب تقديم النموذج قبل يوم الخميس.",
    "Japanese": "会社の年次有給休暇は二十日です。出張費は事前に承認が必要です。カタカナとひらがな。",
    "Chinese": "公司年度报告显示收入增长百分之十。请在星期五之前提交报销单。",
    "Korean": "회사의 연차 휴가는 이십 일입니다. 출장비는 사전 승인이 필요합니다.",
}
ENCODINGS = {
    "Russian": ("cp1251", "koi8-r", "iso8859-5", "cp866", "mac-cyrillic", "utf-16", "utf-16-le"),
    "Ukrainian": ("cp1251", "koi8-u"),
    "Polish": ("cp1250", "iso8859-2", "cp852"),
    "Czech": ("cp1250", "iso8859-2"),
    "Hungarian": ("cp1250", "iso8859-2"),
    "Turkish": ("cp1254", "iso8859-9"),
    "Lithuanian": ("cp1257", "iso8859-13"),
    "German": ("cp1252", "iso8859-1", "mac-roman", "cp850"),
    "French": ("cp1252",),
    "Italian": ("cp1252", "mac-roman"),
    "Hebrew": ("cp1255", "iso8859-8"),
    "Greek": ("cp1253", "iso8859-7"),
    "Arabic": ("cp1256",),
    "Japanese": ("shift_jis", "euc_jp", "iso2022_jp", "utf-16-be", "utf-16-le", "utf-32"),
    "Chinese": ("gb18030", "hz", "utf-16-be"),
    "Korean": ("euc_kr", "cp949", "utf-16-le"),
}
CASES = [(language, encoding) for language, encodings in ENCODINGS.items() for encoding in encodings]


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_text_is_read_in_its_encoding(read: Reading, language: str, encoding: str) -> None:
    """As text and as the column of a CSV, whatever the script."""
    text = TEXTS[language]
    (block,) = read(f"{text}\n{text}".encode(encoding), "a.txt").sections[0].blocks
    assert block.text == f"{text}\n{text}"
    rows = "\n".join(["name;note", *(f"row {number};{text}" for number in range(3))])
    (block,) = read(rows.encode(encoding), "a.csv").sections[0].blocks
    assert f"row 2;{text}" in block.text


def test_ascii_that_looks_shifted_stays_as_it_is(read: Reading) -> None:
    """A tilde before a brace is no Chinese."""
    text = "In the shell: ~{a,b} and x~}y, colours by \x1b[31m."
    (block,) = read(text, "a.txt").sections[0].blocks
    assert block.text == text.replace("\x1b", "")


def test_a_zero_that_somebody_left_in_a_text_is_no_reason_to_refuse_it(read: Reading) -> None:
    """The zero goes, the text stays; bytes that are mostly none of text are refused as before."""
    (block,) = (
        read(b"Kettles boil water, and so on and so forth, in many words.\x00" * 3, "a.txt")
        .sections[0]
        .blocks
    )
    assert block.text.startswith("Kettles boil water")
