"""Writes text.json: what the text rules make of hard cases, for every implementation to replay.

``python tests/golden/write.py`` after a rule has changed on purpose. The file is plain ASCII: letters outside it are
escaped, those of the supplementary planes as surrogate pairs, so that no editor can change what a case means.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from seefud.text import TokenVocabulary, bigrams, canonical_title, normalise, words

__all__ = ["CASES", "PATH", "VOCABULARY", "golden_text"]

PATH = Path(__file__).with_name("text.json")

CASES: dict[str, str] = {
    "empty": "",
    "white space alone": " \t\r\n\u00a0\u3000\u2028 ",
    "punctuation alone": "!?.,;:-_/()[]{}'\"",
    "plain": "Sate JAMUR Tahu",
    "white space of many kinds": "  sate\t jamur\n\u00a0tahu\u2003goreng\u3000pedas ",
    "hyphen, comma, slash, underscore": "ayam-goreng, pedas/manis nasi_uduk",
    "quotes and apostrophes": "mama's \u201csoto\u201d \u2019ndeso",
    "digits beside letters": "7up 2x 100gr 3,5 kg 50%",
    "a repeated word": "gado gado gado-gado betawi gado",
    "ligatures": "\ufb01llet \ufb02an o\ufb03ce \ufb05",
    "full width": "\uff21\uff39\uff21\uff2d\u3000\uff11\uff12\uff0d\uff13",
    "half-width katakana": "\uff7d\uff7c\uff9e",
    "superscript, fraction, Roman numeral": "x\u00b2 \u00bd \u2167 \u2460 \u2122",
    "Turkish capital dotted i": "\u0130STANBUL \u0130mam",
    "Turkish dotless i": "I\u015eIK \u0131\u015f\u0131k ISPARTA",
    "German sharp s": "Stra\u00dfe STRASSE GRO\u1e9e",
    "final sigma": "\u039f\u0394\u039f\u03a3 \u039f\u0394\u039f\u03a3. \u03a3 \u03a3\u0391\u03a3",
    "sigma before a combining mark": "\u0391\u03a3\u0301 \u0391\u03a3\u0301\u0391",
    "titlecase digraph": "\u01c5 \u01c4 \u01c6",
    "composed letters": "Cr\u00e8me Br\u00fbl\u00e9e \u00c5",
    "decomposed letters": "Cre\u0300me Bru\u0302le\u0301e A\u030a \u212b",
    "a mark that does not compose": "q\u0301a x\u0307y",
    "two marks in either order": "e\u0323\u0302 e\u0302\u0323 \u1ec7",
    "Vietnamese": "Ph\u1edf B\u00f2 \u0111\u1eb7c bi\u1ec7t",
    "Hangul syllables and jamo": "\uae40\uce58 \u1100\u1175\u11b7\u110e\u1175",
    "Han without spaces": "\u5b2e\u9eba\u7092\u996d",
    "Han compatibility letter": "\uf900 \u8c48",
    "Japanese with a prolonged sound mark": "\u30e9\u30fc\u30e1\u30f3\u3068\u5bff\u53f8",
    "Arabic": "\u0623\u0631\u0632 \u0628\u0627\u0644\u062f\u062c\u0627\u062c",
    "Arabic vowel signs": "\u0645\u064e\u0631\u0652\u062d\u064e\u0628\u064b\u0627",
    "Arabic tatweel": "\u0645\u0640\u0640\u0631\u062d\u0628\u0627",
    "Arabic presentation forms": "\ufefb \ufdfa \ufe91",
    "Hebrew points": "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd",
    "Thai": "\u0e02\u0e49\u0e32\u0e27\u0e1c\u0e31\u0e14 \u0e15\u0e49\u0e21\u0e22\u0e33",
    "Thai sara am": "\u0e19\u0e49\u0e33 \u0e19\u0e49\u0e4d\u0e32",
    "Devanagari": "\u0915\u094d\u0937\u0940\u0930 \u0930\u094b\u091f\u0940",
    "Cyrillic": "\u0411\u041e\u0420\u0429 \u0401\u043b\u043a\u0430 \u0415\u0308\u043b\u043a\u0430",
    "digits of other scripts": "\u0663\u0664 \u0969 \u0e53 \U0001d7db \u0be9",
    "numbers that are no decimal digits": "\u0bf0 \u3007 \u4e09 \u09f4",
    "emoji": "\U0001f35c mi g\u00f3reng!\U0001f336\ufe0f\U0001f336\ufe0f",
    "emoji with joiners and skin": "\U0001f468\u200d\U0001f469\u200d\U0001f467 makan\U0001f44d\U0001f3fd enak",
    "keycap and flag": "1\ufe0f\u20e3 \U0001f1ee\U0001f1e9",
    "supplementary letters with case": "\U00010400\U00010428 \U00010401\U0001044f",
    "supplementary letters without case": "\U00020000\U0002070e \U0001f600\U00020bb7",
    "mathematical letters": "\U0001d400\U0001d41a \U0001d573\U0001d58a \U0001d7d8",
    "zero width": "ayam\u200bgoreng a\u200cb a\u200db \ufeffnasi so\u00adto",
    "direction marks": "\u202babc\u202c \u200eab\u200f",
    "control letters": "a\u0001b\u0000c\u007fd",
    "letters that are modifiers": "\u02bb\u02bca \u1d2c \u2071",
    "symbols that fold to letters": "\u2126 \u212a \u33a1 \u320e",
    "long s and dotless j": "\u017f\u0237 \u1e9b",
    "Cherokee": "\u13a0\uab70",
    "Georgian": "\u10d0 \u10a0",
    "a title with a bar": "nasi goreng | nasi, telur",
    "bigrams over punctuation": "soto - ayam: kuah; bening",
}
"""Name -> text. A name says what is hard. Every letter is in Unicode 8: Android 7 knows no later one."""

VOCABULARY = TokenVocabulary(
    ("ayam", "goreng", "nasi goreng", "nasi", "gado gado", "gado", "mi", "sate jamur", "\u5b2e\u9eba\u7092\u996d",
     "\u03bf\u03b4\u03bf\u03c2", "filet", "soto ayam", "i", "\U00010428\U00010428", "fillet"),
    bigrams=True,
)  # fmt: skip
"""A small vocabulary, of which a text's token ids are looked up."""


def golden_text() -> dict[str, Any]:
    """The content of text.json."""
    return {
        "schema": 1,
        "rule": "nfkc-lower-letters-digits",
        "vocabulary": {"tokens": list(VOCABULARY.tokens), "bigrams": VOCABULARY.bigrams},
        "cases": [
            {
                "name": name,
                "text": text,
                "normalised": normalise(text),
                "words": words(text),
                "bigrams": bigrams(text),
                "canonical_title": canonical_title(text),
                "tokens": VOCABULARY.ids(text).tolist(),
            }
            for name, text in CASES.items()
        ],
    }


def text_json() -> str:
    """The bytes of text.json, as text: one case a line."""
    golden = golden_text()
    cases = ",\n".join(f"  {json.dumps(case)}" for case in golden.pop("cases"))
    head = json.dumps(golden, indent=1)[:-2]
    return f'{head},\n "cases": [\n{cases}\n ]\n}}\n'


if __name__ == "__main__":
    PATH.write_text(text_json(), encoding="ascii", newline="\n")
    sys.stdout.write(f"{PATH}: {len(CASES)} cases\n")
