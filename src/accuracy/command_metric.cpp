#include "accuracy/command_metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>
#include <system_error>

#include "accuracy/npy_file.h"
#include "core/temporary_folder.h"
#include "core/text.h"

namespace podium::accuracy {
namespace {

namespace fs = std::filesystem;

Result<void> write_outputs(const fs::path& folder, Rows answers) {
  for (std::size_t output = 0; output < answers.front().size(); ++output) {
    if (lengths_vary(answers, output)) {
      return fail(ErrorCode::bad_input,
                  fmt::format("output {} has another size for each input, so it is no array for a metric's command", output),
                  "choose another --metric");
    }
    std::vector<float> values;
    for (const Row& row : answers) values.insert(values.end(), row[output].begin(), row[output].end());
    const Shape shape{static_cast<std::int64_t>(answers.size()), static_cast<std::int64_t>(answers.front()[output].size())};
    if (auto written = write_npy(folder / fmt::format("outputs_{}.npy", output), shape, values); !written) return written;
  }
  return {};
}

Result<void> write_labels(const fs::path& folder, const Labels& labels) {
  Shape shape{static_cast<std::int64_t>(labels.rows())};
  if (labels.width > 1) shape.push_back(static_cast<std::int64_t>(labels.width));
  return write_npy(folder / "labels.npy", shape, labels.values);
}

std::optional<double> number_in(std::string_view line) {
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
  double number = 0.0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  const bool whole = error == std::errc{} && end == line.data() + line.size() && std::isfinite(number);
  return whole ? std::optional(number) : std::nullopt;
}

}  // namespace

Result<std::vector<double>> run_metric_program(const std::string& shown, std::vector<std::string> arguments, Rows answers,
                                               const Labels* labels, const RunProgram& run) {
  const auto folder = TemporaryFolder::create({}, "podium-metric");
  if (!folder)
    return fail(ErrorCode::io, "cannot make a temporary folder for the metric's program", "set TMPDIR to a folder that can be written");
  if (auto written = write_outputs(folder->path(), answers); !written) return tl::unexpected(written.error());
  if (labels != nullptr) {
    if (auto written = write_labels(folder->path(), *labels); !written) return tl::unexpected(written.error());
  }
  arguments.push_back(folder->path().string());
  auto lines = run(arguments);
  if (!lines) {
    std::string why = lines.error().message;
    std::replace(why.begin(), why.end(), '\n', ' ');  // what it printed, in one line with what became of it
    return fail(lines.error().code, fmt::format("the metric {} failed: {}", printable(shown), why),
                lines.error().code == ErrorCode::timeout ? "give it more time with --metric-timeout"
                                                         : "run it by itself on a folder with outputs_0.npy");
  }
  std::erase_if(*lines, [](const std::string& line) { return line.find_first_not_of(" \t\r") == std::string::npos; });
  // Only the numbers at the end count: a program may print warnings before.
  std::vector<double> numbers;
  for (auto line = lines->rbegin(); line != lines->rend(); ++line) {
    const auto number = number_in(*line);
    if (!number) break;
    numbers.push_back(*number);
  }
  std::reverse(numbers.begin(), numbers.end());
  if (!numbers.empty()) return numbers;
  const std::string last = lines->empty() ? "nothing" : fmt::format("'{}'", printable(lines->back()));
  return fail(ErrorCode::failed, fmt::format("the metric {} printed no number at its end, but {}", printable(shown), last),
              "let it print one number, or one for each sample, a line each");
}

Result<std::vector<double>> run_command_metric(const std::string& command, Rows answers, const Labels* labels, const RunProgram& run) {
  return run_metric_program(fmt::format("command '{}'", command), {"/bin/sh", "-c", command + " \"$0\""}, answers, labels, run);
}

}  // namespace podium::accuracy
