#include "parse.h"

#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "example_engine.h"
#include "podium/error.h"
#include "podium/names.h"

namespace cli {
namespace {

[[noreturn]] void refuse(const std::string& flag, const std::string& text, const std::string& why, const std::string& remedy) {
  throw podium::Exception({podium::ErrorCode::wrong_use, fmt::format("{} {}: {}", flag, podium::printable(text), why), remedy});
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end = text.find(separator); end != std::string::npos; begin = end + 1, end = text.find(separator, begin)) {
    parts.push_back(text.substr(begin, end - begin));
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(value) : std::nullopt;
}

/// A positive number with one of the units behind it.
std::optional<double> with_unit(const std::string& text, const std::map<std::string, double>& units) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto unit = units.find(std::string(end, text.data() + text.size()));
  if (error != std::errc() || unit == units.end() || !std::isfinite(value) || value <= 0.0) return std::nullopt;
  return value * unit->second;
}

}  // namespace

std::chrono::duration<double> parse_duration(const std::string& flag, const std::string& text) {
  const auto seconds = with_unit(text, {{"", 1.0}, {"s", 1.0}, {"ms", 1e-3}, {"m", 60.0}, {"min", 60.0}, {"h", 3600.0}});
  constexpr double longest = 30.0 * 24.0 * 3600.0;
  constexpr double shortest = 1e-3;
  if (!seconds || *seconds > longest) refuse(flag, text, "is no duration", "write it as 90s, 5m or 1.5h");
  if (*seconds < shortest) refuse(flag, text, "is under a millisecond, in which nothing gets done", "write it as 90s, 5m or 1.5h");
  return std::chrono::duration<double>(*seconds);
}

std::int64_t parse_bytes(const std::string& flag, const std::string& text) {
  const auto bytes = with_unit(text, {{"", 1.0}, {"K", 1024.0}, {"M", 1048576.0}, {"G", 1073741824.0}, {"T", 1099511627776.0}});
  constexpr double least = 1048576.0;
  if (!bytes || *bytes > 1e15) refuse(flag, text, "is no amount of memory", "write it as 512M or 4G");
  if (*bytes < least) refuse(flag, text, "is under 1M, less than any engine takes", "write it as 512M or 4G");
  return static_cast<std::int64_t>(*bytes);
}

std::int64_t parse_whole_number(const std::string& flag, const std::string& text, std::int64_t least, std::int64_t most) {
  const auto value = whole_number(text);
  if (!value || *value < least || *value > most)
    refuse(flag, text, "is no whole number from " + fmt::format("{} to {}", least, most), fmt::format("write it as in {} 2", flag));
  return *value;
}

std::vector<std::int64_t> parse_batches(const std::string& text) {
  std::vector<std::int64_t> batches;
  for (const std::string& part : split(text, ',')) {
    const auto batch = whole_number(part);
    if (!batch || *batch < 1 || *batch > 65536)
      refuse("--batch", text, fmt::format("'{}' is no batch size", podium::printable(part)),
             "write whole numbers from 1 to 65536, as in --batch 1,8,32");
    batches.push_back(*batch);
  }
  return batches;
}

podium::Precision parse_precision(const std::string& flag, const std::string& text) {
  if (const auto precision = podium::parse_precision(text)) return *precision;
  std::vector<std::string> known;
  for (const podium::Precision precision : podium::all_precisions()) known.emplace_back(podium::to_string(precision));
  refuse(flag, text, fmt::format("there is no precision '{}'{}", podium::printable(text), podium::did_you_mean(text, known)),
         fmt::format("choose from {}", fmt::join(known, ", ")));
}

std::vector<podium::Precision> parse_precisions(const std::string& text) {
  std::vector<podium::Precision> precisions;
  for (const std::string& part : split(text, ',')) precisions.push_back(parse_precision("--precisions", part));
  return precisions;
}

podium::CalibrationMethod parse_method(const std::string& text) {
  if (const auto method = podium::parse_calibration_method(text)) return *method;
  std::vector<std::string> known;
  for (const podium::CalibrationMethod method : podium::all_calibration_methods()) known.emplace_back(podium::to_string(method));
  refuse("--method", text, fmt::format("there is no calibration method '{}'{}", podium::printable(text), podium::did_you_mean(text, known)),
         fmt::format("choose from {}", fmt::join(known, ", ")));
}

podium::Mode parse_mode(const std::string& text) {
  if (text == "latency") return podium::Mode::latency;
  if (text == "both") return podium::Mode::both;
  refuse("--mode", text, fmt::format("there is no mode '{}'{}", podium::printable(text), podium::did_you_mean(text, {"latency", "both"})),
         "choose latency, or both to measure throughput too: cells are ranked by latency, so it is always measured");
}

podium::TimingBoundary parse_boundary(const std::string& text) {
  if (const auto boundary = podium::parse_timing_boundary(text)) return *boundary;
  refuse("--timing-boundary", text,
         fmt::format("there is no boundary '{}'{}", podium::printable(text), podium::did_you_mean(text, {"host", "device"})),
         "choose host to time copies too, or device to leave inputs and outputs on the GPU");
}

std::pair<std::string, podium::Shape> parse_shape(const std::string& text) {
  const auto equals = text.rfind('=');  // an input's name may hold '='
  const std::string remedy = "write the input's name and its sizes, as in --shape input_ids=1x128";
  if (equals == std::string::npos || equals == 0) refuse("--shape", text, "is not NAME=SIZES", remedy);
  podium::Shape shape;
  for (const std::string& part : split(text.substr(equals + 1), 'x')) {
    const auto size = whole_number(part);
    if (!size || *size < 1) refuse("--shape", text, fmt::format("'{}' is no size", podium::printable(part)), remedy);
    shape.push_back(*size);
  }
  return {text.substr(0, equals), shape};
}

std::pair<std::string, std::vector<std::string>> parse_setting(const std::string& text) {
  const auto equals = text.find('=');
  const std::string name = text.substr(0, equals);
  if (equals == std::string::npos || name.find('.') == std::string::npos) {
    refuse("--set", text, "is not BACKEND.OPTION=VALUE",
           fmt::format("write it as --set {}; 'podium doctor --options' lists every option", example_engine().setting));
  }
  return {name, split(text.substr(equals + 1), ',')};
}

double parse_percent(const std::string& flag, const std::string& text, double least, double most) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_percent = error == std::errc() && std::string(end, text.data() + text.size()) == "%";
  const std::string remedy = fmt::format("write a number and %, as in {} 3%", flag);
  if (!is_percent || !std::isfinite(value) || value < 0.0) refuse(flag, text, "is no percentage", remedy);
  if (value < least || value > most) refuse(flag, text, fmt::format("is not from {}% to {}%", least, most), remedy);
  return value / 100.0;
}

double parse_number(const std::string& flag, const std::string& text, double least, double most) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= least && value <= most))
    refuse(flag, text, fmt::format("is no number from {} to {}", least, most), fmt::format("write it as in {} {}", flag, most));
  return value;
}

double parse_percentile(const std::string& text) {
  constexpr double half = 50.0;  // from which on both ends of a range would meet
  const double percentile = parse_number("--percentile", text, half, 100.0);
  if (percentile <= half) refuse("--percentile", text, "leaves nothing between its ends", "give more than 50, as in --percentile 99.99");
  return percentile;
}

std::map<std::string, podium::Shape> parse_shapes(const std::vector<std::string>& typed) {
  std::map<std::string, podium::Shape> shapes;
  for (const std::string& text : typed) {
    const auto [input, shape] = parse_shape(text);
    if (!shapes.emplace(input, shape).second) {
      throw podium::Exception({podium::ErrorCode::wrong_use, fmt::format("--shape: input '{}' is given twice", podium::printable(input)),
                               "give each input one --shape"});
    }
  }
  return shapes;
}

double parse_drop(const std::string& flag, const std::string& text) {
  if (text.ends_with('%')) return parse_percent(flag, text);
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || value < 0.0)
    refuse(flag, text, "is neither a percentage nor a number from 0 on", fmt::format("write one point of top-1 as {} 1%", flag));
  return value;
}

std::vector<std::string> parse_names(const std::string& flag, const std::string& text) {
  std::vector<std::string> names = split(text, ',');
  for (const std::string& name : names) {
    if (name.empty()) refuse(flag, text, "holds an empty name", "separate names by single commas");
  }
  return names;
}

}  // namespace cli
