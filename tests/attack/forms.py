"""The forms of the site as its own pages show them: where each goes, and what it sends untouched."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

TOKEN = "csrf_token"


@dataclass
class Form:
    """One form: its method, its address, its fields with what they hold, and those that take files."""

    method: str
    address: str
    fields: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


class FormsOfPage(HTMLParser):
    """Reads the forms of one page, and the questions that its links ask."""

    def __init__(self, address: str, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address = address
        self.forms: list[Form] = []
        self.select = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, one of its fields, or a link with a question."""
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.address, known.get("action") or self.address)
            self.forms.append(Form(known.get("method", "get").upper(), action))
        elif tag == "a" and "?" in known.get("href", ""):
            parts = urlsplit(urljoin(self.address, known["href"]))
            asked = {name: value for name, value in parse_qsl(parts.query) if name != "lang"}
            self.forms.append(Form("GET", parts.path, asked))
        elif self.forms and tag in ("input", "textarea", "button", "select") and known.get("name"):
            self._note(tag, known)
        elif self.forms and tag == "option" and self.select and known.get("value"):
            self.forms[-1].fields.setdefault(self.select, known["value"])
            if "selected" in known:
                self.forms[-1].fields[self.select] = known["value"]

    def _note(self, tag: str, known: dict[str, str]) -> None:
        form, name = self.forms[-1], known["name"]
        self.select = name if tag == "select" else ""
        if known.get("type") == "file":
            form.files.append(name)
        elif tag != "select" and (name not in form.fields or "checked" in known):
            form.fields[name] = known.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """A choice ends with its list."""
        if tag == "select":
            self.select = ""


def forms_of(address: str, markup: str) -> list[Form]:
    """The forms a page shows."""
    return FormsOfPage(address, markup).forms


def by_route(forms: Iterable[Form], addresses: MapAdapter) -> dict[tuple[str, str], Form]:
    """The forms joined by where they go: (route, method) → one form with the fields of all."""
    found: dict[tuple[str, str], Form] = {}
    for form in forms:
        path = urlsplit(form.address).path
        try:
            rule, _ = addresses.match(path, form.method, return_rule=True)
        except (HTTPException, RequestRedirect):
            continue
        joined = found.setdefault((rule.rule, form.method), Form(form.method, path))
        joined.fields |= form.fields
        joined.files += [name for name in form.files if name not in joined.files]
    return found
