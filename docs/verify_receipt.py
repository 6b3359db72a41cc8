"""Checks a receipt's proof: python3 verify_receipt.py evalsys-proof.json [evalsys-anchor.json]

Needs nothing but Python. With an anchor file it also checks that the seals are those that were published.
"""

import hashlib
import json
import sys
from pathlib import Path


def digest(algorithm: str, head: bytes, *parts: bytes) -> bytes:
    """The hash of some bytes behind a mark: 0 for an entry, 1 for two hashes, 2 for a day."""
    return hashlib.new(algorithm, head + b"".join(parts)).digest()


def seal_of(day: dict) -> str:
    """The seal over what a day says, the seal of the day before among it."""
    said = {name: value for name, value in day.items() if name != "seal"}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return digest(day["algorithm"], b"\x02", text.encode()).hex()


files = [json.loads(Path(file).read_text("utf-8")) for file in sys.argv[1:]]
proofs = files[0]["proofs"]
published = {day["day"]: day["seal"] for day in files[1]["seals"]} if files[1:] else None
right = bool(proofs)
for proof in proofs:
    day = proof["seal"]
    node = digest(day["algorithm"], b"\x00", proof["entry"].encode())
    for side, beside in proof["path"]:
        pair = (bytes.fromhex(beside), node) if side == "left" else (node, bytes.fromhex(beside))
        node = digest(day["algorithm"], b"\x01", *pair)
    sound = node.hex() == day["root"] and seal_of(day) == day["seal"]
    known = published is None or published.get(day["day"]) == day["seal"]
    print(day["day"], proof["entry"], "OK" if sound and known else "WRONG" if known else "NOT AS PUBLISHED")
    right &= sound and known
sys.exit(0 if right else 1)
