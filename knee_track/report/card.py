"""The filming card: one printable page that keeps most clips from being refused."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from knee_track.protocol.catalogue import DEFAULT, load_catalogue
from knee_track.protocol.library import Defaults, load_library


def filming_card(defaults: Defaults | None = None, language: str = DEFAULT) -> str:
    """The card as an HTML page of one A4 sheet that loads nothing; it says what the refusals say.

    `defaults` gives the limit of pain and the signs to stop, the package's own when left out. Raises
    UsageError when there are no texts in the language.
    """
    words = load_catalogue(language)
    library = load_library()
    library = library.model_copy(update={"defaults": defaults or library.defaults})
    defaults = words.of_library(library).defaults
    stop = words.text("card.not_pain", stop=defaults.pain_rule.stop_above, signs=defaults.signs)
    environment = Environment(
        loader=PackageLoader("knee_track", "report"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("card.html.j2").render(
        language=language, text=words.table("card"), steps=words.lines("film"), stop=stop
    )
