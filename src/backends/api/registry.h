#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backends/api/backend.h"
#include "core/result.h"

namespace podium::backend {

/// How a backend's worker is started.
enum class Launch { module, python, none };

/// A backend as its NAME.json tells, without starting anything. The fields of Descriptor beyond name and engine are empty where launch is
/// `none`.
struct Registered {
  Descriptor descriptor;
  Launch launch = Launch::none;
  std::filesystem::path module;  ///< for Launch::module
  std::string reason;            ///< for Launch::none: why it was not built
};

/// Every backend of the folder, sorted by name. A damaged description is an error that names the file.
[[nodiscard]] Result<std::vector<Registered>> read_registry(const std::filesystem::path& folder);

/// The descriptor as it is on one kind of device ("cpu", "cuda"): without the precisions and the trials that are for others.
[[nodiscard]] Descriptor on_device_kind(Descriptor descriptor, const std::string& kind);

/// Descriptor as the JSON of NAME.json, and back. Keys: name, engine, summary, model_format, precisions,
/// narrows_by_itself, only_on {precision: [kind of device]}, refusals {precision: reason}, baseline_for, remedy, bundled_in_default_runs,
/// device_kinds, newest_opset, launch ("module" | "python" | "none"), reason, options [{name, type ("flag"|"integer"|"choice"|"text"),
/// default, choices, minimum, maximum, help}], worth_trying [{option, values, builds_slowly, device_kinds}], builds_slowly, quantization
/// [the members of QuantizationProfile].
[[nodiscard]] std::string to_json(const Descriptor& descriptor, Launch launch);
[[nodiscard]] Result<Registered> parse_descriptor(const std::string& json);

/// Options as typed (text) → typed values with the descriptor's defaults filled in; unknown names and bad values are errors that name the
/// nearest.
[[nodiscard]] Result<OptionValues> resolve_options(const Descriptor& descriptor, const std::map<std::string, std::string>& given);

}  // namespace podium::backend
