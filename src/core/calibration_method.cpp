#include "core/name_table.h"
#include "podium/convert.h"

namespace podium {

namespace {

constexpr std::pair<CalibrationMethod, std::string_view> methods[] = {
    {CalibrationMethod::min_max, "min-max"},
    {CalibrationMethod::moving_average, "moving-average"},
    {CalibrationMethod::percentile, "percentile"},
    {CalibrationMethod::entropy, "entropy"},
    {CalibrationMethod::mse, "mse"},
};

}  // namespace

std::string_view to_string(CalibrationMethod method) noexcept {
  return name_in(methods, method);
}

std::optional<CalibrationMethod> parse_calibration_method(std::string_view name) noexcept {
  return value_in(methods, name);
}

const std::vector<CalibrationMethod>& all_calibration_methods() {
  static const std::vector<CalibrationMethod> all = [] {
    std::vector<CalibrationMethod> values;
    for (const auto& [method, name] : methods) values.push_back(method);
    return values;
  }();
  return all;
}

}  // namespace podium
