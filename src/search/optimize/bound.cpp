#include "search/optimize/bound.h"

#include <fmt/format.h>

namespace podium::search {
namespace {

std::string with_reason(const std::string& sentence, const std::string& reason) {
  return reason.empty() ? sentence : fmt::format("{}: {}", sentence, reason);
}

std::optional<std::string> drop_objection(const Cell& cell) {
  if (!cell.accuracy) {
    const auto why = cell.missing.find("accuracy");
    return with_reason("its accuracy was not judged", why == cell.missing.end() ? std::string() : why->second);
  }
  if (cell.accuracy->verdict == DropVerdict::holds) return std::nullopt;
  if (cell.accuracy->verdict == DropVerdict::does_not_hold) return with_reason("its accuracy drops by too much", cell.accuracy->reason);
  const auto needed = cell.accuracy->samples_needed;
  return with_reason(fmt::format("{} samples are too few to tell whether it keeps to the bound{}", cell.accuracy->n,
                                 needed ? fmt::format(" (about {} would show it)", *needed) : ""),
                     cell.accuracy->reason);
}

std::optional<std::string> noise_objection(const Cell& cell, double min_sqnr_db) {
  const OutputError& error = cell.output_error;
  if (error.verdict == Verdict::not_checked) return with_reason("its answers were not judged", error.reason);
  if (!error.sqnr_db || *error.sqnr_db >= min_sqnr_db) return std::nullopt;
  return fmt::format("its SQNR of {:.1f} dB is below {:g} dB", *error.sqnr_db, min_sqnr_db);
}

}  // namespace

bool is_lossy(Precision precision) noexcept {
  return precision != Precision::fp32;
}

std::optional<std::string> bound_objection(const Bound& bound, const Cell& cell) {
  if (cell.is_baseline) return std::nullopt;
  const Verdict verdict = cell.output_error.verdict;
  if (bound.min_sqnr_db && !bound.speed_only) {
    if (auto objected = noise_objection(cell, *bound.min_sqnr_db)) return objected;
  }
  if (!is_lossy(cell.precision) || bound.speed_only) return std::nullopt;
  if (bound.max_drop) return drop_objection(cell);
  if (verdict == Verdict::agrees) return std::nullopt;
  return with_reason("nobody can tell whether its answers are right (--speed-only lets it win all the same)", cell.output_error.reason);
}

std::string to_string(const Bound& bound, const std::string& metric) {
  if (bound.speed_only) return "none (--speed-only)";
  if (bound.max_drop) {
    const bool is_share = metric.starts_with("top-") || metric == "agreement";
    const std::string most = is_share ? fmt::format("{:g} points", 100.0 * *bound.max_drop) : fmt::format("{:g}", *bound.max_drop);
    return fmt::format("drop of {} at most {}", metric.empty() ? "the metric" : metric, most);
  }
  if (bound.min_sqnr_db) return fmt::format("SQNR at least {:g} dB", *bound.min_sqnr_db);
  return "outputs agree with fp32's as far as the precision allows";
}

}  // namespace podium::search
