"""What a visitor of the demo says beside the level: tags that fit, words, and whether the matter got done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from evalsys.demo.items import Item
from evalsys.demo.sentences import AFTERWARDS, phrases

# How many explain themselves, by level; of those, how many choose tags, leave them out or write.
_EXPLAINS = {5: 0.16, 4: 0.20, 3: 0.42, 2: 0.78, 1: 0.84}
_SKIPS = {5: 0.04, 4: 0.05, 3: 0.08, 2: 0.14, 1: 0.10}
_WRITES = {5: 0.14, 4: 0.12, 3: 0.24, 2: 0.46, 1: 0.58}
_SAYS_MORE = 0.35
_FREQUENT_WEIGHT = 9


@dataclass(frozen=True)
class Tag:
    """A reason tag as the demo needs it."""

    code: str
    level: int
    attribution: str
    shown_first: bool


@dataclass(frozen=True)
class Said:
    """The reasons added to one rating; `item` is a task code."""

    tags: tuple[str, ...] = ()
    words: str = ""
    skip: bool = False
    done: str | None = None
    item: str | None = None
    efficiency: int | None = None
    manner: int | None = None
    happened: str | None = None


class Voices:
    """Draws what visitors say, from the tags of the dictionary and the items of each window."""

    def __init__(self, tags: Sequence[Tag], items: Sequence[Item], chance: Random) -> None:
        self._chance = chance
        self._tags: dict[int, list[Tag]] = {level: [] for level in range(1, 6)}
        for tag in tags:
            self._tags[tag.level].append(tag)
        self._items: dict[str, list[Item]] = {}
        for item in items:
            for number in item.windows:
                self._items.setdefault(number, []).append(item)
        self._weights: Mapping[str, list[int]] = {
            number: [_FREQUENT_WEIGHT if item.high_frequency else 1 for item in found]
            for number, found in self._items.items()
        }

    def matter(self, window: str) -> Item | None:
        """An item that somebody came for at a window, if the window has any of its own."""
        found = self._items.get(window)
        return self._chance.choices(found, self._weights[window])[0] if found else None

    def said(self, window: str, level: int, happened: str | None = None) -> Said | None:
        """The reasons of one visitor; None where they left without any."""
        chance = self._chance
        if chance.random() >= _EXPLAINS[level]:
            return Said(happened=happened) if happened else None
        matter = self.matter(window)
        named = matter.task_code if matter is not None and chance.random() < 0.4 else None
        if chance.random() < _SKIPS[level]:
            return Said(skip=True, done=self._done(level), item=named, happened=happened)
        tags = self._chosen(level)
        detailed = chance.random() < 0.25
        return Said(
            tags=tuple(sorted(tag.code for tag in tags)),
            words=self._words(level, tags, matter) if chance.random() < _WRITES[level] else "",
            done=self._done(level),
            item=named,
            efficiency=self._near(level) if detailed else None,
            manner=self._near(level) if detailed else None,
            happened=happened,
        )

    def _chosen(self, level: int) -> list[Tag]:
        offered = list(self._tags[level])
        weights = [3.0 if tag.shown_first else 1.0 for tag in offered]
        # The tags shown first are chosen more: the others are a tap on 更多 away.
        number = min(self._chance.choices((1, 2, 3), (6, 3, 1))[0], len(offered))
        chosen: list[Tag] = []
        for _ in range(number):
            place = self._chance.choices(range(len(offered)), weights)[0]
            chosen.append(offered.pop(place))
            weights.pop(place)
        return chosen

    def _words(self, level: int, tags: Sequence[Tag], matter: Item | None) -> str:
        about = tags[0].attribution if tags and self._chance.random() < 0.85 else ""
        sentence = self._chance.choice(phrases(level)[about])
        if self._chance.random() < _SAYS_MORE:
            sentence += self._chance.choice(AFTERWARDS[level])
        return sentence.replace("{item}", matter.name if matter is not None else "事")

    def _done(self, level: int) -> str | None:
        if self._chance.random() < 0.3:
            return None
        weights = (88, 5, 7) if level >= 3 else (38, 52, 10)
        return self._chance.choices(("yes", "no", "asking"), weights)[0]

    def _near(self, level: int) -> int:
        return max(1, min(5, level + self._chance.choices((-1, 0, 1), (1, 6, 1))[0]))
