"""The pose model files that knee-track trusts: source, size, SHA-256. In prose: `models/README.md`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

Variant = Literal["lite", "full", "heavy"]
VARIANTS: Final[tuple[Variant, ...]] = get_args(Variant)

OFFICIAL_URL: Final = "https://storage.googleapis.com/mediapipe-models"


@dataclass(frozen=True)
class KnownBundle:
    """One trusted build of a pose landmarker bundle; size in bytes."""

    variant: Variant
    sha256: str
    size: int
    source: str


@dataclass(frozen=True)
class KnownFile:
    """A file, or a member of an archive, with its SHA-256."""

    name: str
    sha256: str


KNOWN_BUNDLES: Final = (
    KnownBundle(
        "lite",
        "59929e1d1ee95287735ddd833b19cf4ac46d29bc7afddbbf6753c459690d574a",
        5_777_746,
        "official",
    ),
    KnownBundle(
        "full",
        "5134a3aad27a58b93da0088d431f366da362b44e3ccfbe3462b3827a839011b1",
        9_398_198,
        "official",
    ),
    KnownBundle(
        "full",
        "4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad",
        9_398_198,
        "official, the /latest/ build",
    ),
    KnownBundle(
        "full",
        "2cb9ddee3eac773d38e4b79833f0b2b6e62eeeba5828cc7d7d6ae5a309b8354c",
        9_397_536,
        "built here from the mediapipe 0.10.21 wheel",
    ),
    KnownBundle(
        "heavy",
        "64437af838a65d18e5ba7a0d39b465540069bc8aae8308de3e318aad31fcbc7b",
        30_664_242,
        "official",
    ),
)

WHEEL: Final = KnownFile(
    "mediapipe==0.10.21", "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3"
)
DETECTOR: Final = KnownFile(
    "mediapipe/modules/pose_detection/pose_detection.tflite",
    "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
)
LANDMARKER: Final = KnownFile(
    "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
    "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
)


def known_bundles(variant: Variant) -> list[KnownBundle]:
    """Trusted builds of one variant, official first."""
    return [known for known in KNOWN_BUNDLES if known.variant == variant]


def file_name(variant: Variant) -> str:
    """Name under which a variant is published and kept."""
    return f"pose_landmarker_{variant}.task"


def official_path(variant: Variant) -> str:
    """Path of a variant below OFFICIAL_URL (or below a mirror of it)."""
    return f"pose_landmarker/pose_landmarker_{variant}/float16/1/{file_name(variant)}"
