"""Chance that is handed out: each piece once, in every process."""

import os

from evalsys.kernel.secrets import FEW, few_bytes


def test_no_piece_of_chance_comes_twice() -> None:
    pieces = [few_bytes() for _ in range(2_000)]
    assert len(set(pieces)) == 2_000
    assert {len(piece) for piece in pieces} == {FEW}


def test_a_child_hands_out_other_pieces_than_its_parent() -> None:
    few_bytes()  # some lie ready now
    told, said = os.pipe()
    child = os.fork()
    if not child:
        os.write(said, few_bytes())
        os._exit(0)
    os.waitpid(child, 0)
    of_the_child = os.read(told, FEW)
    os.close(told)
    os.close(said)
    assert of_the_child not in {few_bytes() for _ in range(1_000)}
