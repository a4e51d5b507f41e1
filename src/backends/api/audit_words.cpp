#include "backends/api/audit_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <vector>

#include "core/text.h"

namespace podium::backend {
namespace {

struct Width {
  std::string_view type;
  int bits;
};
constexpr std::array<Width, 4> widths{{{"float64", 64}, {"float32", 32}, {"bfloat16", 16}, {"float16", 16}}};

struct Asked {
  Precision precision;
  std::string_view type;
};
constexpr std::array<Asked, 3> asked_types{{{Precision::fp32, "float32"}, {Precision::bf16, "bfloat16"}, {Precision::fp16, "float16"}}};

/// Bits of a float type; nothing for integers and what is not known.
std::optional<int> bits_of(std::string_view type) {
  if (type.starts_with("float8")) return 8;
  const auto* const row = std::find_if(widths.begin(), widths.end(), [&](const Width& it) { return it.type == type; });
  return row == widths.end() ? std::nullopt : std::optional(row->bits);
}

std::int64_t total_of(const NodesByType& nodes) {
  return std::accumulate(nodes.begin(), nodes.end(), std::int64_t{0},
                         [](std::int64_t sum, const auto& entry) { return sum + entry.second; });
}

/// One node in int8 is enough: which of them gain is the converter's decision, and the share of them is told beside it.
std::string nothing_in_int8(Precision asked, const NodesByType& arithmetic) {
  const std::int64_t total = total_of(arithmetic);
  if (int8_share(arithmetic).value_or(1.0) > 0.0) return {};
  return fmt::format("it computes in another precision than {}: of {} convolutions, matrix products and the like, none in 8-bit integers",
                     to_string(asked), total);
}

}  // namespace

std::string other_precision(Precision asked, const NodesByType& arithmetic) {
  if (asked == Precision::int8_static || asked == Precision::int8_dynamic) return nothing_in_int8(asked, arithmetic);
  const auto* const row = std::find_if(asked_types.begin(), asked_types.end(), [&](const Asked& it) { return it.precision == asked; });
  if (row == asked_types.end()) return {};
  const int wanted = bits_of(row->type).value_or(0);
  const std::int64_t total = total_of(arithmetic);
  std::vector<std::string> found;
  for (const auto& [type, nodes] : arithmetic) {
    const std::optional<int> bits = bits_of(type);
    if (!bits || type == row->type) continue;
    if (*bits > wanted && 2 * nodes <= total) continue;
    found.push_back(fmt::format("{} in {}", nodes, printable(type)));
  }
  if (found.empty()) return {};
  return fmt::format("it computes in another precision than {}: of {} convolutions, matrix products and the like, {}", to_string(asked),
                     total, join(found, " and "));
}

std::optional<double> int8_share(const NodesByType& arithmetic) {
  const std::int64_t total = total_of(arithmetic);
  if (total == 0) return std::nullopt;
  const auto count = [&](const char* type) { return arithmetic.contains(type) ? arithmetic.at(type) : 0; };
  return static_cast<double>(count("int8") + count("uint8")) / static_cast<double>(total);
}

}  // namespace podium::backend
