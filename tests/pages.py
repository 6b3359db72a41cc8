"""A test client that looks at every page it is given, so that no view test has to ask for the basics."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
UNLABELLED_INPUTS = frozenset({"hidden", "submit", "button", "reset", "image"})
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "form", "list", "headers")
UNFINISHED = re.compile(r"\b(None|NaN|nan|undefined|Undefined|Infinity)\b|\{\{|\{%|%\(\w+\)s")
ERROR_TITLE = re.compile(r"(错误|Error)[::]")


class PageClient(FlaskClient):
    """A client that fails the test when a page breaks one of the rules every page keeps."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask for a page and look at it."""
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and not 300 <= response.status_code < 400:
            faults = faults_of(response.get_data(as_text=True), response.status_code)
            where = f"{response.request.path} ({response.status_code})"
            assert not faults, f"{where}:\n  " + "\n  ".join(faults)
        return response


def faults_of(markup: str, status: int = 200) -> list[str]:
    """What is wrong with a page, or with a block of one that is fetched alone."""
    if not markup.strip():
        return []
    page = Page()
    page.feed(markup)
    page.close()
    faults = page.faults + page.faults_of_references()
    if "<html" in markup[:200]:
        faults += page.faults_of_the_whole(markup, status)
    return faults


@dataclass
class Element:
    """One open element and the words inside it so far."""

    tag: str
    attributes: dict[str, str]
    line: int
    words: list[str] = field(default_factory=list)
    fields: int = 0

    @property
    def name(self) -> str:
        """What a screen reader calls it."""
        said = self.attributes.get("aria-label") or "".join(self.words)
        return said.strip() or self.attributes.get("aria-labelledby", "") or self.attributes.get("value", "")


class Page(HTMLParser):
    """Reads a page once, noting faults and what is needed to find more at the end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[Element] = []
        self.faults: list[str] = []
        self.ids: Counter[str] = Counter()
        self.references: list[tuple[str, str]] = []
        self.labelled: set[str] = set()
        self.unlabelled: list[tuple[str, str]] = []
        self.headings: list[tuple[int, str]] = []
        self.titles: list[str] = []
        self.language = ""
        self.viewport = False

    def fault(self, words: str) -> None:
        """Note a fault with the line it stands on."""
        self.faults.append(f"line {self.getpos()[0]}: {words}")

    # reading

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element; it stays open unless it can hold nothing."""
        self._note_element(tag, attrs)
        if tag not in VOID:
            self.open.append(Element(tag, {k: v or "" for k, v in attrs}, self.getpos()[0]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that closes itself: only drawings do."""
        self._note_element(tag, attrs)
        if tag not in VOID and not any(element.tag == "svg" for element in self.open) and tag != "svg":
            self.fault(f"<{tag}/> does not close itself in HTML")

    def handle_endtag(self, tag: str) -> None:
        """Close the element on top; anything else is a fault."""
        if tag in VOID:
            self.fault(f"</{tag}> closes nothing")
        elif not self.open or self.open[-1].tag != tag:
            opened = f"<{self.open[-1].tag}> of line {self.open[-1].line}" if self.open else "nothing"
            self.fault(f"</{tag}> found where {opened} is open")
            while self.open and self.open[-1].tag != tag and any(e.tag == tag for e in self.open):
                self.open.pop()
            if self.open and self.open[-1].tag == tag:
                self.open.pop()
        else:
            self._closed(self.open.pop())

    def handle_data(self, data: str) -> None:
        """Give the words to every open element; program text is no words."""
        if self.open and self.open[-1].tag in ("script", "style"):
            return
        if found := UNFINISHED.search(data):
            self.fault(f"“{found[0]}” stands in the words: {data.strip()[:60]}")
        self._say(data)

    # noting

    def _say(self, words: str) -> None:
        for element in self.open:
            element.words.append(words)

    def _note_element(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self._note_attributes(tag, attributes, [name for name, _ in attrs])
        if tag == "html":
            self.language = attributes.get("lang", "")
        if tag == "meta" and attributes.get("name") == "viewport":
            self.viewport = True
        if tag == "img":
            if "alt" not in attributes:
                self.fault(f"image without alt: {attributes.get('src', '')[:60]}")
            self._say(attributes.get("alt", ""))
        is_field = tag == "input" and attributes.get("type", "text") not in UNLABELLED_INPUTS
        if is_field or tag in ("select", "textarea"):
            self._note_field(tag, attributes)

    def _note_attributes(self, tag: str, attributes: dict[str, str], names: list[str]) -> None:
        if len(names) != len(set(names)):
            self.fault(f"<{tag}> says an attribute twice")
        if "id" in attributes:
            self.ids[attributes["id"]] += 1
            if not attributes["id"] or re.search(r"\s", attributes["id"]):
                self.fault(f"<{tag}> has an empty or broken id")
        for name in REFERENCES:
            self.references += [(f"<{tag} {name}>", target) for target in attributes.get(name, "").split()]
        address = attributes.get("href", "")
        if address.startswith("#") and len(address) > 1 and tag == "a":
            self.references.append((f"link {address}", address[1:]))
        if address.lower().startswith("javascript:"):
            self.fault("a link runs script")
        for name in attributes:
            if name.startswith("on"):
                self.fault(f"<{tag} {name}> runs script in the page")

    def _note_field(self, tag: str, attributes: dict[str, str]) -> None:
        for element in self.open:
            if element.tag == "label":
                element.fields += 1
                return
        if not attributes.get("aria-label") and not attributes.get("aria-labelledby"):
            self.unlabelled.append((f"<{tag} name={attributes.get('name', '')}>", attributes.get("id", "")))

    def _closed(self, element: Element) -> None:
        if element.tag in ("a", "button") and not element.name:
            self.fault(f"<{element.tag}> of line {element.line} says nothing: {element.attributes}")
        if element.tag == "label":
            self.labelled.add(element.attributes.get("for", ""))
            if not element.name:
                self.fault(f"<label> of line {element.line} says nothing")
        if element.tag == "title" and not any(outer.tag == "svg" for outer in self.open):
            self.titles.append("".join(element.words).strip())
        if re.fullmatch("h[1-6]", element.tag):
            self.headings.append((int(element.tag[1]), element.name))
        if element.tag == "table" and not element.name:
            self.fault(f"the table of line {element.line} is empty: say so in a sentence")

    # at the end

    def faults_of_references(self) -> list[str]:
        """Names used twice, names that point nowhere, and fields nobody named."""
        faults = [f"id “{name}” stands {count} times" for name, count in self.ids.items() if count > 1]
        faults += [f"{who} points to no id “{name}”" for who, name in self.references if name not in self.ids]
        faults += [f"{who} has no label" for who, name in self.unlabelled if name not in self.labelled]
        faults += [f"<{e.tag}> of line {e.line} is never closed" for e in self.open]
        return faults

    def faults_of_the_whole(self, markup: str, status: int) -> list[str]:
        """What a whole page must have: a language, one title, one first heading, headings in order."""
        faults = []
        if not markup.lstrip().lower().startswith("<!doctype html>"):
            faults.append("does not begin with <!doctype html>")
        if not self.language:
            faults.append("<html> has no lang")
        if not self.viewport:
            faults.append("no viewport: phones would shrink the page")
        if len(self.titles) != 1 or not self.titles[0]:
            faults.append(f"needs one title, has {self.titles}")
        first = [name for level, name in self.headings if level == 1]
        if len(first) != 1 or not first[0]:
            faults.append(f"needs one <h1>, has {first}")
        for (before, _), (level, name) in zip(self.headings, self.headings[1:], strict=False):
            if level > before + 1:
                faults.append(f"heading “{name}” jumps from level {before} to {level}")
        if status == 422 and self.titles and not ERROR_TITLE.match(self.titles[0]):
            faults.append(f"the title of a refused form begins with 错误: — it is “{self.titles[0]}”")
        return faults
