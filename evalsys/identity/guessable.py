"""Parts of which the passwords are made that everybody tries first."""

import re

# What leads the lists of leaked passwords, here and abroad, and what this system is about.
_PARTS = (
    *(
        "password",
        "passwd",
        "passw0rd",
        "p@ssw0rd",
        "admin",
        "administrator",
        "root",
        "user",
        "guest",
        "test",
    ),
    *(
        "welcome",
        "letmein",
        "iloveyou",
        "woaini",
        "5201314",
        "1314520",
        "520",
        "1314",
        "888",
        "666",
        "666666",
    ),
    *(
        "qwertyuiop",
        "qwerty",
        "asdfghjkl",
        "asdfgh",
        "asdf",
        "zxcvbnm",
        "zxcvbn",
        "qazwsx",
        "1qaz2wsx",
        "1q2w3e4r",
    ),
    *("abc", "abcd", "abcdef", "aaa", "qwe", "asd", "zxc", "dragon", "monkey", "master", "login", "sunshine"),
    *(
        "haochaping",
        "pingjia",
        "zhengwu",
        "dating",
        "fuwu",
        "evalsys",
        "mima",
        "wangluo",
        "zhongguo",
        "china",
    ),
)
_AGAIN = re.compile(r"(.+?)\1+")
_LONGEST_FIRST = re.compile("|".join(re.escape(part) for part in sorted(_PARTS, key=len, reverse=True)))
_YEAR = re.compile(r"(19|20)\d{2}")
_ENOUGH = 5  # signs of one's own that make a password more than its common parts


def is_made_of_usual_parts(password: str) -> bool:
    """Whether little is left of a password without words everybody uses, years, runs and repetitions."""
    left = _LONGEST_FIRST.sub("", password.lower())
    left = _YEAR.sub("", left)
    left = _AGAIN.sub(r"\1", _without_runs(left))
    return len([sign for sign in left if sign.isalnum()]) < _ENOUGH


def _without_runs(text: str) -> str:
    """The text without 1234, 4321, abcd and the like, from three signs on."""
    kept: list[str] = []
    place = 0
    while place < len(text):
        end = max(_run(text, place, 1), _run(text, place, -1))
        if end - place < 3:
            kept.append(text[place])
            end = place + 1
        place = end
    return "".join(kept)


def _run(text: str, start: int, step: int) -> int:
    """Where a run that goes up or down by one sign ends."""
    end = start + 1
    while end < len(text) and _follows(text[end - 1], text[end], step):
        end += 1
    return end


def _follows(before: str, after: str, step: int) -> bool:
    return ord(after) - ord(before) == step or (step == 1 and before + after == "90")
