#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "convert/convert.h"
#include "convert/half.h"
#include "convert/quantize.h"

/// What comes before a conversion.
namespace podium::convert {

/// Fewer nodes, each with a name of its own, in an operator set that both the engine and the nodes to come are content with.
[[nodiscard]] Result<void> prepare(::onnx::ModelProto& model, const ConvertSettings& settings, ConversionReport& report,
                                   const Progress& progress);

/// Edits that leave the float model computing the same, and its quantized self more exact. Nodes that must not be quantized for it are
/// excluded in `settings`.
[[nodiscard]] Result<void> even_out(::onnx::ModelProto& model, ConvertSettings& settings, ActivationSource& source,
                                    ConversionReport& report, const Progress& progress);

[[nodiscard]] Result<void> stop_if_cancelled(const Progress& progress);
/// "1 layer", "3 layers"
[[nodiscard]] std::string counted(std::int64_t count, const std::string& what);

/// What fp16 or bf16 is asked for in `settings`.
[[nodiscard]] HalfRequest half_request(const ConvertSettings& settings);

/// What runs in int8, and over which ranges.
struct StaticDecision {
  StaticPlan plan;
  std::map<std::string, Range> ranges;
};
[[nodiscard]] Result<StaticDecision> decide_static(const ::onnx::ModelProto& model, const ConvertSettings& settings,
                                                   ActivationSource& source, const Progress& progress);

}  // namespace podium::convert
