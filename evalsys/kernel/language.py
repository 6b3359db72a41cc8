"""Chinese first, English beside it; the language travels in the URL, and for staff in their session."""

from flask import Flask, request, session
from flask_babel import Babel, get_locale
from flask_babel import gettext as _translated
from flask_babel import lazy_gettext as _translated_later
from flask_babel import pgettext as _translated_within

from evalsys.kernel import paths
from evalsys.kernel.access import known_actor
from evalsys.kernel.refusals import Refused

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}


def gettext(text: str, **values: object) -> str:
    """A Chinese text in the reader's language, with its values put in."""
    return str(_translated(text, **values))


def gettext_of_several(text: str) -> str:
    """The same where a text names several things: 窗口 is a window and windows."""
    several = str(_translated_within("several", text))
    return several if several != text else gettext(text)


def lazy_gettext(text: str, **values: object) -> str:
    """The same, translated only when it is shown: for labels that stand in classes."""
    later: str = _translated_later(text, **values)
    return later


def install(app: Flask) -> None:
    """Give the application its languages."""
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Asia/Shanghai"
    Babel(
        app,
        default_locale=LANGUAGES["zh"],
        default_translation_directories=str(paths.translations_folder()),
        locale_selector=_chosen,
    )
    app.context_processor(lambda: {"language": str(get_locale())})


def _chosen() -> str:
    asked = request.args.get("lang", "")
    if known_actor() is not None:
        if asked in LANGUAGES and session.get("lang") != asked:
            session["lang"] = asked
        asked = asked or str(session.get("lang", ""))
    return LANGUAGES.get(asked, LANGUAGES["zh"])


def say(refusal: Refused) -> str:
    """A refusal's sentence in the reader's language; a refusal among its values is said in it as well."""
    sentence = gettext(refusal.sentence)
    values = {
        name: say(value) if isinstance(value, Refused) else value for name, value in refusal.values.items()
    }
    return sentence.format(**values) if values else sentence
