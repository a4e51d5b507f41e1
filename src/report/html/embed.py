"""Writes a C++ file that holds the parts of the HTML page as text: its template, style and script, and the chart library.

usage: embed.py OUT FOLDER
The library is Vega-Lite with Vega and Vega-Embed, as one script that vl-convert bundles; nothing of it is kept in the repository.
"""

import sys
from pathlib import Path

import vl_convert

VEGA_LITE = "6.4"
# One parenthesis and these letters end a raw string of C++; no part of the page may hold them.
MARK = "podium_text"


def chart_library() -> str:
    bundle = vl_convert.javascript_bundle("window.podiumVegaEmbed = vegaEmbed;", vl_version=VEGA_LITE)
    # Its names are for itself: in a script of a page they would be everybody's.
    return "/* Vega, Vega-Lite and Vega-Embed, BSD 3-Clause licence, (c) University of Washington Interactive Data Lab and others */\n(() => {" + bundle + "})();\n"


def parts(folder: Path) -> dict[str, str]:
    texts = {name: (folder / file).read_text(encoding="utf-8") for name, file in {"page_template": "page.html", "page_style": "page.css", "page_script": "page.js"}.items()}
    return texts | {"chart_library": chart_library()}


def main(out: str, folder: str) -> None:
    lines = ['#include "report/html/page_parts.h"', "", "namespace podium::report {", ""]
    for name, text in parts(Path(folder)).items():
        if f"){MARK}" in text or "\r" in text:
            sys.exit(f"embed.py: {name} cannot stand in a raw string of C++")
        if name != "page_template" and ("</script" in text.lower() or "</style" in text.lower() or "<!--" in text):
            sys.exit(f"embed.py: {name} would end its element of the page")
        lines.append(f'std::string_view {name}() noexcept {{\n  return R"{MARK}({text}){MARK}";\n}}\n')
    lines.append("}  // namespace podium::report")
    Path(out).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
