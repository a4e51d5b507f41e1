#include "backends/tensorrt/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "backends/api/audit_words.h"

namespace podium::tensorrt {
namespace {

using nlohmann::json;

struct Word {
  std::string_view word;
  std::string_view type;
};

/// How descriptions of formats spell element types ("Channel major FP16 format where channel % 8 == 0", "Half"); longer words first.
constexpr std::array<Word, 16> type_words{{{"BFloat16", "bfloat16"},
                                           {"BF16", "bfloat16"},
                                           {"FP16", "float16"},
                                           {"Half", "float16"},
                                           {"FP32", "float32"},
                                           {"FP8", "float8"},
                                           {"FP4", "float4"},
                                           {"Float", "float32"},
                                           {"UInt8", "uint8"},
                                           {"INT8", "int8"},
                                           {"Int8", "int8"},
                                           {"Int64", "int64"},
                                           {"INT32", "int32"},
                                           {"Int32", "int32"},
                                           {"Bool", "boolean"},
                                           {"BOOL", "boolean"}}};

/// Kinds of layers that do a model's arithmetic: "CaskConvolution", "CaskGemmConvolution", "MatrixMultiply", "gemm", …
constexpr std::array<std::string_view, 6> arithmetic_words{"onvolution", "econvolution", "atrixMultiply", "ullyConnected", "gemm", "Gemm"};
constexpr std::array<std::string_view, 2> moving_words{"Reformat", "NoOp"};

template <typename Words>
bool has_any(std::string_view text, const Words& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string type_in(const std::string& description) {
  const auto* const found =
      std::find_if(type_words.begin(), type_words.end(), [&](const Word& it) { return description.find(it.word) != std::string::npos; });
  return found == type_words.end() ? std::string("unknown") : std::string(found->type);
}

/// Of the first value that a layer reads, or else writes: its kernel's type.
std::string data_type(const json& layer) {
  for (const char* side : {"Inputs", "Outputs"}) {
    const auto values = layer.find(side);
    if (values == layer.end() || !values->is_array() || values->empty() || !values->front().is_object()) continue;
    const json& value = values->front();
    const std::string separate = text_of(value, "Datatype");
    return type_in(separate.empty() ? text_of(value, "Format/Datatype") : separate);
  }
  return "unknown";
}

/// float32 numbers whose mantissa is cut to 10 bits on the way into the kernel, which only the kernel's name tells.
bool rounds_to_tf32(const json& layer) {
  const std::string tactic = text_of(layer, "TacticName");
  return tactic.find("tf32") != std::string::npos || tactic.find("TF32") != std::string::npos;
}

std::string compute_type(const json& layer) {
  std::string type = data_type(layer);
  return type == "float32" && rounds_to_tf32(layer) ? "tf32" : type;
}

std::string rounded_unasked(const backend::NodesByType& arithmetic) {
  const auto rounded = arithmetic.find("tf32");
  if (rounded == arithmetic.end()) return {};
  return fmt::format("it computes in another precision than fp32: {} convolutions, matrix products and the like in tf32", rounded->second);
}

}  // namespace

Result<Audit> audit_layers(const std::string& inspection, Precision asked) {
  const json engine = json::parse(inspection, nullptr, false);
  const auto layers = engine.is_object() ? engine.find("Layers") : engine.end();
  if (!engine.is_object() || layers == engine.end() || !layers->is_array())
    return fail(ErrorCode::failed, "TensorRT's inspector did not describe the engine's layers");
  Audit audit;
  backend::NodesByType arithmetic;
  for (const json& layer : *layers) {
    if (!layer.is_object()) continue;  // only a name: it was built without details
    const std::string kind = text_of(layer, "LayerType");
    if (has_any(kind, moving_words)) {
      ++audit.providers["reformat"];
      continue;
    }
    const std::string type = compute_type(layer);
    ++audit.providers["TensorRT"];
    ++audit.compute_types[type];
    if (has_any(kind, arithmetic_words)) ++arithmetic[type];
  }
  audit.fallback_share = 0.0;
  audit.int8_share = backend::int8_share(arithmetic);
  audit.other_precision = asked == Precision::fp32 ? rounded_unasked(arithmetic) : std::string();
  if (audit.other_precision.empty()) audit.other_precision = backend::other_precision(asked, arithmetic);
  return audit;
}

}  // namespace podium::tensorrt
