"""Spells names in pinyin, in a process of its own: the dictionary takes 60 MB that no server should keep.

Run as a program it reads a JSON list of names and writes one list of syllables for each.
"""

import json
import sys

from pypinyin import lazy_pinyin

if __name__ == "__main__":
    json.dump([lazy_pinyin(name) for name in json.load(sys.stdin)], sys.stdout)
