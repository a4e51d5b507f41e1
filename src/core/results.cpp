#include "podium/results.h"

#include <fmt/format.h>

#include "core/name_table.h"

namespace podium {

namespace {

constexpr std::pair<CellStatus, std::string_view> cell_statuses[] = {
    {CellStatus::ok, "ok"},
    {CellStatus::partial, "partial"},
    {CellStatus::unsupported, "unsupported"},
    {CellStatus::failed, "failed"},
    {CellStatus::timeout, "timeout"},
    {CellStatus::out_of_memory, "out_of_memory"},
    {CellStatus::rejected, "rejected"},
};

constexpr std::pair<Verdict, std::string_view> verdicts[] = {
    {Verdict::agrees, "agrees"},
    {Verdict::cannot_judge, "cannot_judge"},
    {Verdict::disagrees, "disagrees"},
    {Verdict::not_checked, "not_checked"},
};

constexpr std::pair<DropVerdict, std::string_view> drop_verdicts[] = {
    {DropVerdict::not_asked, "not_asked"},
    {DropVerdict::holds, "holds"},
    {DropVerdict::does_not_hold, "does_not_hold"},
    {DropVerdict::undecided, "undecided"},
};

struct OptionText {
  std::string operator()(bool value) const { return value ? "on" : "off"; }
  std::string operator()(std::int64_t value) const { return fmt::to_string(value); }
  std::string operator()(const std::string& value) const { return value; }
};

}  // namespace

std::string_view to_string(CellStatus status) noexcept {
  return name_in(cell_statuses, status);
}

std::optional<CellStatus> parse_cell_status(std::string_view name) noexcept {
  return value_in(cell_statuses, name);
}

std::string_view to_string(Verdict verdict) noexcept {
  return name_in(verdicts, verdict);
}

std::optional<Verdict> parse_verdict(std::string_view name) noexcept {
  return value_in(verdicts, name);
}

std::string_view to_string(DropVerdict verdict) noexcept {
  return name_in(drop_verdicts, verdict);
}

std::optional<DropVerdict> parse_drop_verdict(std::string_view name) noexcept {
  return value_in(drop_verdicts, name);
}

std::string to_string(const OptionValue& value) {
  return std::visit(OptionText{}, value);
}

}  // namespace podium
