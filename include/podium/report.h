#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "podium/doctor.h"
#include "podium/inspect.h"
#include "podium/results.h"

namespace podium {

/// How a table for people is drawn.
struct TableStyle {
  bool colour = false;
  bool unicode = true;
  int width = 100;  ///< columns
};

[[nodiscard]] std::string to_table(const Results& results, const TableStyle& style);
[[nodiscard]] std::string to_table(const Diagnosis& diagnosis, const TableStyle& style);
/// Schema podium.diagnosis/1.
[[nodiscard]] std::string to_json(const Diagnosis& diagnosis);
[[nodiscard]] std::string to_table(const Inspection& inspection, const TableStyle& style);
/// Every option of every backend, as `podium bench --set BACKEND.OPTION=VALUE` takes it.
[[nodiscard]] std::string to_options_table(const std::vector<BackendReport>& backends, const TableStyle& style);
[[nodiscard]] std::string to_markdown(const Results& results);
[[nodiscard]] std::string to_csv(const Results& results);
/// One page with charts, filters and tables, that needs no network and no other file. `outcome` is a sentence that stands first.
[[nodiscard]] std::string to_html(const Results& results, const std::string& outcome = {});
/// Speeds and ratios as one Vega-Lite specification, its rows in it.
[[nodiscard]] std::string to_chart(const Results& results);

enum class ImageFormat { svg, png };
/// Draws a Vega-Lite specification. Throws Exception (unavailable) where the chart library's Python package is not there.
[[nodiscard]] std::string draw_image(const std::string& chart, ImageFormat format);
/// The results file, schema podium.results/1.
[[nodiscard]] std::string to_json(const Results& results);
/// Reads a results file. Throws Exception where it is not one.
[[nodiscard]] Results read_results(const std::filesystem::path& file);
/// Writes by temporary file, sync and rename. Throws Exception (code io) where the disk refuses.
void write_file(const std::filesystem::path& file, const std::string& text);

}  // namespace podium
