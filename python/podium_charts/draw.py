"""Draws one Vega-Lite chart as SVG or PNG. Opens no network connection: its data stand in the specification.

usage: python -m podium_charts.draw --spec FILE --format svg|png --out FILE
"""

import argparse
from pathlib import Path

import vl_convert

VEGA_LITE = "6.4"


def draw(spec: str, form: str) -> bytes:
    settings = {"vl_version": VEGA_LITE, "allowed_base_urls": []}
    if form == "svg":
        return vl_convert.vegalite_to_svg(spec, **settings).encode()
    return vl_convert.vegalite_to_png(spec, scale=2, **settings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--spec", type=Path, required=True)
    parser.add_argument("--format", choices=("svg", "png"), required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.write_bytes(draw(arguments.spec.read_text(encoding="utf-8"), arguments.format))


if __name__ == "__main__":
    main()
