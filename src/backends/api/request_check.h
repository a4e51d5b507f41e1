#pragma once

#include <span>
#include <string>
#include <string_view>

#include "backends/api/backend.h"
#include "core/result.h"
#include "core/tensor_view.h"
#include "podium/options.h"
#include "podium/types.h"

/// What every backend has to check in the same words, so that a wrong input reads alike on all engines.
namespace podium::backend {

/// The model's file is there and is a file.
[[nodiscard]] Result<void> check_model_file(const LoadRequest& request);
/// Inputs of a cell against those that the model declares; the error names the input, what is expected and what was given.
[[nodiscard]] Result<void> check_declared_inputs(std::span<const TensorSpec> declared, std::span<const InputSpec> given);
/// Tensors of a run against the inputs that were loaded. Allocates nothing where all is well: it is inside the timed region.
[[nodiscard]] Result<void> check_run_inputs(std::span<const InputSpec> loaded, std::span<const TensorView> given);
/// The device is one of `can`, those that the backend's probe finds; otherwise ErrorCode::unsupported that names them.
[[nodiscard]] Result<void> check_device(const std::string& asked, std::span<const std::string> can, const std::string& engine);
/// The precision is one of `can`; otherwise ErrorCode::unsupported with `reason`.
[[nodiscard]] Result<void> check_precision(Precision asked, std::span<const Precision> can, const std::string& engine,
                                           const std::string& reason);

/// What an engine said, fit for one line of a table: printable, white space folded, not longer than a few lines.
[[nodiscard]] std::string engine_message(std::string_view what);

/// Options of a LoadRequest, whose types resolve_options() has made sure of.
[[nodiscard]] bool flag(const OptionValues& options, const std::string& name);
[[nodiscard]] std::int64_t integer(const OptionValues& options, const std::string& name);
[[nodiscard]] const std::string& text(const OptionValues& options, const std::string& name);

}  // namespace podium::backend
