#include <fmt/format.h>

#include "core/files.h"
#include "core/install_paths.h"
#include "core/result.h"
#include "core/temporary_folder.h"
#include "core/text.h"
#include "podium/report.h"
#include "worker/guarded_process.h"

namespace podium {
namespace {

namespace fs = std::filesystem;

constexpr const char* remedy =
    "run scripts/setup, or set PODIUM_PYTHON to a Python interpreter that has vl-convert-python; --format html needs none";

/// The one that had the library when Podium was built, else the one that is set.
std::string interpreter() {
  std::error_code error;
  const fs::path configured = PODIUM_CHARTS_PYTHON;
  return fs::exists(configured, error) ? configured.string() : python_interpreter();
}

Result<std::string> draw(const std::string& chart, const std::string& format) {
  const std::string python = interpreter();
  if (python.empty()) return fail(ErrorCode::unavailable, fmt::format("no Python interpreter is known that draws {}", format), remedy);
  const auto folder = TemporaryFolder::create({}, "podium-chart");
  if (!folder) return tl::unexpected(folder.error());
  const fs::path asked = folder->path() / "chart.json";
  const fs::path drawn = folder->path() / ("chart." + format);
  if (auto written = write_file_atomically(asked, chart); !written) return tl::unexpected(written.error());
  worker::Command command;
  command.arguments = {python, "-m", "podium_charts.draw", "--spec", asked.string(), "--format", format, "--out", drawn.string()};
  command.environment = {{"PYTHONPATH", find_install_paths().python.string()}, {"PYTHONSAFEPATH", "1"}, {"PYTHONDONTWRITEBYTECODE", "1"}};
  constexpr std::chrono::minutes patience{5};
  if (auto ran = worker::run_guarded(command, {patience, 0}, CancelToken{}); !ran) {
    return fail(ErrorCode::unavailable, fmt::format("'{}' cannot draw {}: {}", printable(python), format, ran.error().message), remedy);
  }
  return read_text_file(drawn);
}

}  // namespace

std::string draw_image(const std::string& chart, ImageFormat format) {
  return value_or_throw(draw(chart, format == ImageFormat::svg ? "svg" : "png"));
}

}  // namespace podium
