#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "podium/bench.h"
#include "podium/calibration.h"
#include "podium/types.h"

namespace cli {

/// Each reads one flag's value and throws podium::Exception (wrong_use) that names the flag where it cannot.
[[nodiscard]] std::chrono::duration<double> parse_duration(const std::string& flag,
                                                           const std::string& text);       ///< "90s", "5m", "1.5h", "90"
[[nodiscard]] std::int64_t parse_bytes(const std::string& flag, const std::string& text);  ///< "4G", "512M", "1000"
[[nodiscard]] std::int64_t parse_whole_number(const std::string& flag, const std::string& text, std::int64_t least, std::int64_t most);
[[nodiscard]] std::vector<std::int64_t> parse_batches(const std::string& text);                         ///< "1,8,32"
[[nodiscard]] std::vector<podium::Precision> parse_precisions(const std::string& text);                 ///< "fp32,bf16"
[[nodiscard]] podium::Precision parse_precision(const std::string& flag, const std::string& text);      ///< "fp16"
[[nodiscard]] podium::CalibrationMethod parse_method(const std::string& text);                          ///< "min-max", "entropy", …
[[nodiscard]] podium::Mode parse_mode(const std::string& text);                                         ///< "latency", "both"
[[nodiscard]] podium::TimingBoundary parse_boundary(const std::string& text);                           ///< "host", "device"
[[nodiscard]] std::pair<std::string, podium::Shape> parse_shape(const std::string& text);               ///< "NAME=1x128"
[[nodiscard]] std::pair<std::string, std::vector<std::string>> parse_setting(const std::string& text);  ///< "BACKEND.OPTION=V1,V2"
[[nodiscard]] std::vector<std::string> parse_names(const std::string& flag, const std::string& text);   ///< "a,b"

[[nodiscard]] double parse_drop(const std::string& flag, const std::string& text);  ///< "1%" → 0.01, "0.002"; not negative
/// "3%" → 0.03; `least` and `most` in per cent.
[[nodiscard]] double parse_percent(const std::string& flag, const std::string& text, double least = 0.0, double most = 100.0);
[[nodiscard]] double parse_number(const std::string& flag, const std::string& text, double least, double most);
[[nodiscard]] double parse_percentile(const std::string& text);  ///< "99.99"
/// Each --shape of a command; an input that is given twice is refused.
[[nodiscard]] std::map<std::string, podium::Shape> parse_shapes(const std::vector<std::string>& typed);

}  // namespace cli
