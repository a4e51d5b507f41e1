#include "core/name_table.h"
#include "podium/optimize.h"

namespace podium {
namespace {

constexpr std::pair<SearchPreset, std::string_view> preset_names[] = {
    {SearchPreset::constrained, "constrained"},
    {SearchPreset::unconstrained, "unconstrained"},
};

}  // namespace

std::string_view to_string(SearchPreset preset) noexcept {
  return name_in(preset_names, preset);
}

std::optional<SearchPreset> parse_search_preset(std::string_view name) noexcept {
  return value_in(preset_names, name);
}

}  // namespace podium
