"""The filming card: one printable page that keeps most clips from being refused."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from knee_track.protocol.catalogue import load_catalogue
from knee_track.protocol.library import Defaults


def filming_card(defaults: Defaults) -> str:
    """The card as an HTML page of one A4 sheet that loads nothing; it says what the refusals say."""
    environment = Environment(
        loader=PackageLoader("knee_track", "report"), autoescape=True, undefined=StrictUndefined
    )
    stop = (
        f"You have pain above {defaults.pain_rule.stop_above} out of 10, a swollen knee, or a fresh injury. "
        f"Stop at once with: {'; '.join(defaults.stop_signs)}."
    )
    return environment.get_template("card.html.j2").render(steps=load_catalogue().lines("film"), stop=stop)
