#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "core/text.h"
#include "podium/convert.h"
#include "report/canvas.h"
#include "report/figures.h"

namespace podium {
namespace {

using namespace report;
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Of the nodes that stay wide for one reason; --json has all.
constexpr std::size_t most_nodes_named = 4;

std::string size_of(const Conversion& conversion) {
  const auto before = static_cast<double>(conversion.bytes_before);
  const auto after = static_cast<double>(conversion.bytes_after);
  const std::string share = before > 0.0 ? fmt::format(", {:.0f} % of it", 100.0 * after / before) : "";
  return fmt::format("{} before, {} now{}", human_bytes(before), human_bytes(after), share);
}

std::string converted_of(const ConversionReport& report) {
  const auto wide = static_cast<std::int64_t>(report.left_wide.size());
  const std::string converted = fmt::format("{} node{}", report.converted, report.converted == 1 ? "" : "s");
  return wide == 0 ? converted : fmt::format("{}, {} {} wide", converted, wide, wide == 1 ? "stays" : "stay");
}

/// Reasons, those with the most nodes first.
std::vector<std::pair<std::string, std::vector<std::string>>> by_reason(const std::map<std::string, std::string>& left_wide) {
  std::map<std::string, std::vector<std::string>> nodes;
  for (const auto& [node, reason] : left_wide) nodes[reason].push_back(node);
  std::vector<std::pair<std::string, std::vector<std::string>>> sorted(nodes.begin(), nodes.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });
  return sorted;
}

Pairs wide_nodes(const ConversionReport& report) {
  Pairs pairs;
  for (auto& [reason, nodes] : by_reason(report.left_wide)) {
    std::vector<std::string> named = nodes;
    named.resize(std::min(named.size(), most_nodes_named));
    const std::string more = nodes.size() > named.size() ? fmt::format(" and {} more", nodes.size() - named.size()) : "";
    pairs.emplace_back(std::to_string(nodes.size()), printable(fmt::format("{}: {}{}", reason, join(named, ", "), more)));
  }
  return pairs;
}

/// For people; --json has the name of the schema.
std::string_view in_words(Verdict verdict) {
  return verdict == Verdict::cannot_judge ? "cannot judge" : to_string(verdict);
}

/// Without a figure there is no noise at all, or the answers are not finite.
std::string noise_of(const OutputError& error) {
  if (error.sqnr_db) return fmt::format("SQNR {:.1f} dB, cosine {:.4f} against fp32", *error.sqnr_db, error.cosine);
  return error.verdict == Verdict::disagrees ? "no figure against fp32" : "identical to fp32's";
}

std::string answers_of(const Conversion& conversion) {
  const OutputError& error = conversion.error;
  if (error.verdict == Verdict::not_checked) return "not checked" + (error.reason.empty() ? std::string() : ": " + printable(error.reason));
  std::string text = noise_of(error);
  if (conversion.top1_agreement) text += fmt::format(", the same top-1 for {:.1f} %", 100.0 * *conversion.top1_agreement);
  text += fmt::format(", on {}", printable(conversion.judged_on));
  if (!error.reason.empty()) text += fmt::format("; {}: {}", in_words(error.verdict), printable(error.reason));
  return text;
}

std::string_view bound_in_words(const Conversion& conversion) {
  if (conversion.bound_holds) return "holds";
  return conversion.error.verdict == Verdict::not_checked ? "reached on the calibration data, and not checked on others"
                                                          : "does not hold on these inputs";
}

Pairs facts_of(const Conversion& conversion) {
  Pairs pairs{{"file", printable(conversion.files.empty() ? std::string() : conversion.files.front().string())},
              {"size", size_of(conversion)},
              {std::string(to_string(conversion.report.to)), converted_of(conversion.report)}};
  if (!conversion.calibration.empty()) {
    const std::string method = conversion.method ? fmt::format("{} over ", to_string(*conversion.method)) : "";
    pairs.emplace_back("calibration", printable(method + conversion.calibration));
  }
  pairs.emplace_back("answers", answers_of(conversion));
  if (!conversion.bound.empty())
    pairs.emplace_back("bound", fmt::format("{}: {}", printable(conversion.bound), bound_in_words(conversion)));
  if (!conversion.engine.empty()) pairs.emplace_back("computed by", printable(conversion.engine));
  pairs.emplace_back("took", duration(conversion.seconds));
  return pairs;
}

}  // namespace

std::string to_table(const Conversion& conversion, const TableStyle& style) {
  Canvas canvas(style);
  canvas.line(ink::bold, printable(fmt::format("{} to {}, for {}", conversion.model, to_string(conversion.report.to),
                                               conversion.target == "any" ? "any engine" : conversion.target)));
  canvas.blank();
  draw_pairs(canvas, facts_of(conversion));
  if (const Pairs wide = wide_nodes(conversion.report); !wide.empty()) {
    canvas.blank();
    canvas.line(ink::bold, "Nodes that stay wide, and why");
    draw_pairs(canvas, wide);
  }
  if (!conversion.report.notes.empty()) canvas.blank();
  for (const std::string& note : conversion.report.notes) canvas.paragraph(ink::dim, printable(note), "note: ");
  return canvas.take();
}

}  // namespace podium
