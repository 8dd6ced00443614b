"""Colors that can be read on a dark background and on a light one, for nobody says which it is."""

from __future__ import annotations

TEXT = "default"
"""The color of the terminal's own text."""

_DARKEST, _LIGHTEST = 0.13, 0.25
"""Luminances (0 black, 1 white) at a contrast of 3.5 or more to both; WCAG 2.2 asks for 3."""

_GREY = 24
"""A color whose parts, 0 to 255, are no further apart has no hue to keep."""

_WEIGHTS = (0.2126, 0.7152, 0.0722)


def readable(color: str) -> str:
    """A color `#RRGGBB` itself, or as much darker or lighter as it takes; text's for a grey."""
    parts = bytes.fromhex(color[1:])
    if max(parts) - min(parts) <= _GREY:
        return TEXT
    light = [_light(part) for part in parts]
    luminance = sum(weight * one for weight, one in zip(_WEIGHTS, light, strict=True))
    if luminance > _LIGHTEST:
        light = [one * _LIGHTEST / luminance for one in light]
    elif luminance < _DARKEST:
        white = (_DARKEST - luminance) / (1 - luminance)
        light = [one + (1 - one) * white for one in light]
    return f"#{bytes(map(_part, light)).hex()}"


def _light(part: int) -> float:
    """How much light a part of a color gives, 0 to 1 (sRGB)."""
    share = part / 255
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)


def _part(light: float) -> int:
    share = light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return round(255 * share)
