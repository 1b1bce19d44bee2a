"""Texts in many scripts, with all that makes tokenizing hard; for tests that compare two tokenizers."""

from __future__ import annotations

import random

__all__ = ["texts_in_many_scripts"]

LETTERS = {
    "latin": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZßéàçøþłşıİſǅ",
    "decomposed": "ae\u0301o\u0308n\u0303c\u0327u\u0302A\u030a",
    "greek": "αβγδεζηθικλμνξοπρστυφχψωςΑΒΓΔΕΣΆΈάέϊΐ",
    "cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюяЁЙЖ",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهويـًٌٍَُِّْ\u200c",
    "hebrew": "אבגדהוזחטיכלמנסעפצקרשתָּׁ",
    "devanagari": "अआइकखगघचजटडतदनपबमयरलवशसह\u093f\u0940\u0941\u094d\u200d\u0902ॐ\u0958",
    "thai": "กขคงจฉชซฌญฎฏฐฑาิีึืุู่้๊๋",
    "han": "一二三四五六七八九十日本中国語文字漢字",
    "kana": "あいうえおかきくけこアイウエオガギグゲゴー",
    "hangul": "가나다라마바사아자차\u1100\u1161\u11a8",
    "digits": "0123456789٠١٢٣४५६½²Ⅷ",
    "emoji": "😀👍🏽❤️\ufe0f👨\u200d👩\u200d👧1\ufe0f\u20e3🇩🇪",
    "rare": "𝔘𝔫𝔦𐐀𐐨𞤀\U0002f800\u1e9eﬁŉΰև",
}
BETWEEN = [
    " ",
    " ",
    " ",
    "  ",
    "\t",
    "\n",
    "\u00a0",
    "\u2003",
    "\u3000",
    "\x1c",
    "\x85",
    "\u200b",
    "\ufeff",
    "-",
    "--",
    "_",
]
MARKS = [
    "",
    "",
    "",
    "",
    "'",
    "\u2019",
    "''",
    "\u2018",
    ".",
    ",",
    "!",
    "?",
    "(",
    ")",
    '"',
    ";",
    ":",
    "…",
    "\u0301",
    "\ufe0f",
    "\0",
    "</s>",
    "<",
]


def texts_in_many_scripts(number: int, seed: int = 1) -> list[str]:
    """Texts of up to a dozen words from a small stock, with marks and odd spaces."""
    chance = random.Random(seed)  # noqa: S311
    stock = [
        "".join(chance.choices(letters, k=chance.randint(1, 6)))
        for letters in LETTERS.values()
        for _ in range(40)
    ]
    stock += [
        "don't",
        "l\u2019été",
        "ΟΔΟΣ",
        "well-known",
        "O'Neil",
        "new",
        "york",
        "of",
        "city",
        "New",
        "YORK",
    ]
    texts = []
    for _ in range(number):
        words = [
            chance.choice(MARKS) + chance.choice(stock) + chance.choice(MARKS)
            for _ in range(chance.randint(0, 12))
        ]
        texts.append("".join(word + chance.choice(BETWEEN) for word in words))
    return texts
