#pragma once

#include <string_view>

/// The files beside this one and the chart library, as text. Written at build time by embed.py.
namespace podium::report {

[[nodiscard]] std::string_view page_template() noexcept;
[[nodiscard]] std::string_view page_style() noexcept;
[[nodiscard]] std::string_view page_script() noexcept;
/// Vega-Embed with all that it needs, as `window.podiumVegaEmbed`.
[[nodiscard]] std::string_view chart_library() noexcept;

}  // namespace podium::report
