#!/usr/bin/env python3
"""Makes NotoSansSC-subset.otf: the program's own strings and the 3,755 common characters (GB 2312, level 1).

Needs fonttools and the Noto Sans CJK collection (Debian: fonts-noto-cjk). Run it when a translation uses a character
that the test `a_bare_machine_shows_every_chinese_word` misses:

    python3 assets/fonts/subset.py NotoSansCJK-Regular.ttc
"""
import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTCollection

HERE = pathlib.Path(__file__).resolve().parent


def characters():
    common = set()
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            try:
                common.add(bytes([row, cell]).decode("gb2312"))
            except UnicodeDecodeError:
                pass
    files = [file for area in ("i18n", "sentences") for file in (HERE.parent / area).glob("*.json")]
    own = {c for file in files for c in file.read_text(encoding="utf-8")}
    marks = {chr(c) for span in ((0x3000, 0x3020), (0xFF00, 0xFF66)) for c in range(*span)}
    return {c for c in common | own | marks if ord(c) > 0x2000 and ord(c) < 0x1F000} | set("·—…“”‘’")


def main():
    collection = TTCollection(sys.argv[1])
    font = next(f for f in collection.fonts if f["name"].getDebugName(6) == "NotoSansCJKsc-Regular")
    options = subset.Options(layout_features=[], name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], hinting=False, desubroutinize=False)
    work = subset.Subsetter(options)
    work.populate(unicodes=[ord(c) for c in characters()])
    work.subset(font)
    font.save(HERE / "NotoSansSC-subset.otf")


main()
