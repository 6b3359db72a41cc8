"""What a machine can see of the visual language: one token file, readable letters, citizen pages alone."""

import gzip
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from evalsys.kernel import assets

CHECKOUT = Path(__file__).resolve().parents[2]
CSS = CHECKOUT / "static" / "css"
TEMPLATES = CHECKOUT / "templates"
TOKENS = CSS / "tokens.css"
SHEETS = sorted(CSS.rglob("*.css"))
PAGES = sorted(TEMPLATES.rglob("*.html"))
CITIZEN_PIECES = ("layouts/citizen.html", "macros/citizen.html", "macros/levels.html", "macros/urls.html")

COLOUR = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|lab|lch|oklch)a?\(|:[^;{]*\b(?:white|black|red|blue|gr[ae]y)\b"
)
SCHEMES = {"light": 0, "dark": 1, "print": 2}
LETTERS = ("--ink", "--ink-2", "--accent", "--accent-hover", "--error", "--caution")
GROUNDS = ("--paper", "--wash", "--accent-wash")
LEVELS = tuple(f"--level-{level}" for level in (5, 4, 3, 2, 1))

# How eyes without one kind of cone see (Machado, Oliveira, Fernandes 2009, severity 1), on linear RGB.
EYES = {
    "all cones": np.eye(3),
    "no red cones": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green cones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "no blue cones": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def rules_of(sheet: Path) -> str:
    return without_comments(sheet.read_text(encoding="utf-8"))


def tokens(scheme: str) -> dict[str, str]:
    """The colours of a scheme: those of the light one unless it says otherwise."""
    blocks = re.findall(r":root\s*\{(.*?)\}", rules_of(TOKENS), flags=re.DOTALL)
    said = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", blocks[0]))
    said.update(re.findall(r"(--[\w-]+):\s*([^;]+);", blocks[SCHEMES[scheme]]))
    return said


def linear(colour: str) -> np.ndarray:
    """Linear RGB of #rgb or #rrggbb."""
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    shares = np.array([int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)])
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio, 1 to 21."""
    light, dark = sorted((float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def as_seen(colour: str, eyes: str) -> np.ndarray:
    """CIELAB of a colour as those eyes see it."""
    xyz = TO_XYZ @ np.clip(np.array(EYES[eyes]) @ linear(colour), 0, 1) / WHITE
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


# The one page for citizens with a script: it checks the proof that it shows, and is whole without it.
SELF_CHECKING = (
    "assurance/proof.html",
    '<script type="application/json" id="proofs">',
    """<script src="{{ asset('js/proof.js') }}" defer>""",
)


def is_citizen(page: Path) -> bool:
    name = page.relative_to(TEMPLATES).as_posix()
    words = page.read_text(encoding="utf-8")
    return name in CITIZEN_PIECES or '"layouts/citizen.html"' in words or "citizen" in name


@pytest.mark.parametrize("sheet", [s for s in SHEETS if s != TOKENS], ids=lambda s: s.name)
def test_only_the_token_file_names_a_colour(sheet: Path) -> None:
    assert COLOUR.findall(rules_of(sheet)) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda s: s.name)
def test_a_sheet_uses_only_tokens_there_are(sheet: Path) -> None:
    used = set(re.findall(r"var\((--[\w-]+)", rules_of(sheet)))
    # A table's columns are named where it is laid out and given where the table is.
    given = {name for one in SHEETS for name in re.findall(r"[{;\s](--[\w-]+)\s*:", rules_of(one))}
    assert used - given == set()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda s: s.name)
def test_shadows_and_gradients_are_nowhere(sheet: Path) -> None:
    assert re.findall(r"[\w-]*shadow\s*:|[\w-]*gradient\(", rules_of(sheet)) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_seven_to_one(scheme: str) -> None:
    said = tokens(scheme)
    pairs = [(letter, ground) for letter in LETTERS for ground in GROUNDS]
    pairs += [("--on-accent", "--accent"), ("--on-mast", "--mast")]
    faint = {pair: contrast(said[pair[0]], said[pair[1]]) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in faint.items() if ratio < 7} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_edges_and_levels_stand_out_three_to_one(scheme: str) -> None:
    said = tokens(scheme)
    ratios = {name: contrast(said[name], said["--paper"]) for name in ("--edge", *LEVELS)}
    assert {name: round(ratio, 2) for name, ratio in ratios.items() if ratio < 3} == {}


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_eye_tells_the_five_levels_apart(scheme: str, eyes: str) -> None:
    seen = [as_seen(tokens(scheme)[name], eyes) for name in LEVELS]
    nearest = min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2))
    assert nearest > 20  # 2 is the least difference an eye sees side by side


def test_the_dark_and_the_printed_scheme_know_every_colour_they_change() -> None:
    coloured = {name for name, value in tokens("light").items() if value.startswith("#")}
    for scheme in ("dark", "print"):
        assert set(tokens(scheme)) == set(tokens("light"))
        assert {name for name, value in tokens(scheme).items() if value.startswith("#")} == coloured


def test_letters_on_a_citizen_page_are_eighteen_pixels_and_more() -> None:
    css = rules_of(CSS / "citizen.css")
    root = re.search(r"(?<!\.large )html \{ font-size: ([\d.]+)%", css)
    large = re.search(r"html\.large \{ font-size: ([\d.]+)%", css)
    assert root is not None
    assert large is not None
    assert float(root[1]) * 16 / 100 >= 18
    assert float(large[1]) * 16 / 100 >= 30
    sizes = re.findall(r"font(?:-size)?:[^;]*?([\d.]+)(px|rem|em)\b", css)
    assert sizes
    assert [size for size in sizes if size[1] == "px" or float(size[0]) < 1] == []


def test_what_is_inlined_into_a_citizen_page_is_small() -> None:
    css = str(assets.citizen_css()).encode()
    assert len(css) <= 8 * 1024
    assert len(gzip.compress(css)) <= 2.5 * 1024
    assert "@import" not in str(assets.citizen_css())
    assert "url(" not in str(assets.citizen_css())


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(TEMPLATES).as_posix())
def test_no_page_styles_or_scripts_an_element_in_place(page: Path) -> None:
    """The content security policy would drop it, silently."""
    words = page.read_text(encoding="utf-8")
    assert re.findall(r"<[^>]*\sstyle=", words) == []
    assert re.findall(r"<[a-z][^>]*\son[a-z]+=", words) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", words) == []


@pytest.mark.parametrize(
    "page", [p for p in PAGES if is_citizen(p)], ids=lambda p: p.relative_to(TEMPLATES).as_posix()
)
def test_a_citizen_page_asks_for_nothing_else(page: Path) -> None:
    words = page.read_text(encoding="utf-8")
    if page.relative_to(TEMPLATES).as_posix() == SELF_CHECKING[0]:
        for script in SELF_CHECKING[1:]:
            assert words.count(script) == 1
            words = words.replace(script, "")
    assert "<script" not in words
    assert re.findall(r"<(?:img|iframe|object|video|audio)\b|asset\(|https?://", words) == []


def test_the_office_pages_have_every_component() -> None:
    components = {name for name in assets.OFFICE if name.startswith("components/")}
    assert components == {f"components/{sheet.stem}" for sheet in (CSS / "components").glob("*.css")}


def test_no_word_in_quotes_is_squeezed() -> None:
    """What stands between quotation marks would lose spaces around these signs."""
    for sheet in CSS.rglob("*.css"):
        for word in re.findall(r'"[^"\n]*"', sheet.read_text(encoding="utf-8")):
            assert not re.search(r"[{};,]|\s\s|/\*", word), f"{sheet.name}: {word}"
