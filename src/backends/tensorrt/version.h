#pragma once

#include <NvInfer.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "podium/types.h"

/// The differences between TensorRT 8.5 to 11, all of them. What a version lacks is found out by asking its headers for it, so that what is
/// true of a version needs no table here. Up to 10 the builder may narrow float32 layers where a flag allows it; 11 computes in the types
/// that the file has. 8.5 has no bfloat16, no 64-bit integers, and no choice of how long its builder searches.

// Older ways, which newer versions still have, are what older versions are asked by.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace podium::tensorrt::version {

constexpr int major = NV_TENSORRT_MAJOR;

/// As the documentation of each version's parser has it (onnx-tensorrt, docs/operators.md).
constexpr std::int64_t newest_opset() noexcept {
  return major < 9 ? 17 : major < 10 ? 19 : 20;
}

template <typename Flag = nvinfer1::BuilderFlag>
constexpr std::optional<Flag> fp16_flag() noexcept {
  if constexpr (requires { Flag::kFP16; }) return Flag::kFP16;
  return std::nullopt;
}
template <typename Flag = nvinfer1::BuilderFlag>
constexpr std::optional<Flag> bf16_flag() noexcept {
  if constexpr (requires { Flag::kBF16; }) return Flag::kBF16;
  return std::nullopt;
}
template <typename Flag = nvinfer1::BuilderFlag>
constexpr std::optional<Flag> int8_flag() noexcept {
  if constexpr (requires { Flag::kINT8; }) return Flag::kINT8;
  return std::nullopt;
}

/// Whether its builder narrows float32 models by itself.
constexpr bool chooses_types() noexcept {
  return fp16_flag().has_value();
}

template <typename Type = nvinfer1::DataType>
constexpr bool has_bf16() noexcept {
  return requires {
    Type::kBF16;
  };
}

/// Flags of a network whose batch is an axis like any other.
template <typename Flag = nvinfer1::NetworkDefinitionCreationFlag>
constexpr nvinfer1::NetworkDefinitionCreationFlags network_flags() noexcept {
  if constexpr (major < 10) return 1U << static_cast<std::uint32_t>(Flag::kEXPLICIT_BATCH);
  return 0;
}

/// False where this version has no such level.
template <typename Config>
bool set_optimization_level([[maybe_unused]] Config& config, std::int64_t level) {
  if constexpr (requires { config.setBuilderOptimizationLevel(3); }) {
    config.setBuilderOptimizationLevel(static_cast<int>(level));
    return true;
  } else {
    constexpr std::int64_t the_only_one = 3;
    return level == the_only_one;
  }
}

/// Whether values can be given ranges, by which its builder quantizes: up to 10.
template <typename Tensor = nvinfer1::ITensor>
constexpr bool takes_ranges() noexcept {
  return requires(Tensor & tensor) {
    tensor.setDynamicRange(-1.0F, 1.0F);
  };
}
template <typename Tensor>
void set_range([[maybe_unused]] Tensor& tensor, [[maybe_unused]] float range) {
  if constexpr (takes_ranges<Tensor>()) tensor.setDynamicRange(-range, range);
}

/// Of engines that later versions load too: from 8.6 on.
template <typename Flag = nvinfer1::BuilderFlag>
constexpr std::optional<Flag> version_compatible_flag() noexcept {
  if constexpr (requires { Flag::kVERSION_COMPATIBLE; }) return Flag::kVERSION_COMPATIBLE;
  return std::nullopt;
}
/// Such an engine brings the runtime of the version that built it, which is code.
template <typename Runtime>
void allow_code_of_engines([[maybe_unused]] Runtime& runtime) {
  if constexpr (requires { runtime.setEngineHostCodeAllowed(true); }) runtime.setEngineHostCodeAllowed(true);
}

/// Lets several requests run one engine that takes a range of shapes. 8.5 cannot; from 10 on it is always so.
template <typename Config, typename Feature = nvinfer1::PreviewFeature>
void share_profiles([[maybe_unused]] Config& config) {
  if constexpr (requires { Feature::kPROFILE_SHARING_0806; }) config.setPreviewFeature(Feature::kPROFILE_SHARING_0806, true);
}

/// Leaves only kernels that TensorRT itself brings: those of cuBLAS and cuDNN are loaded by name, and cuDNN ends the process where a part
/// of it is missing. From 11 on there are no others.
template <typename Config, typename Source = nvinfer1::TacticSource>
void keep_to_own_kernels([[maybe_unused]] Config& config) {
  if constexpr (requires { Source::kCUDNN; }) {
    const auto bit = [](Source source) { return 1U << static_cast<std::uint32_t>(source); };
    const nvinfer1::TacticSources vendors = bit(Source::kCUBLAS) | bit(Source::kCUBLAS_LT) | bit(Source::kCUDNN);
    config.setTacticSources(config.getTacticSources() & ~vendors);
  }
}

/// "8.5.3", from the number that the library gives: 1000 × major + 100 × minor + patch, from 10 on 10000 × major.
inline std::string name_of(int number) {
  const int thousands = number >= 100'000 ? 10'000 : 1'000;
  return std::to_string(number / thousands) + "." + std::to_string(number % thousands / 100) + "." + std::to_string(number % 100);
}

struct TypeRow {
  DataType ours;
  nvinfer1::DataType theirs;
};

/// Element types that both sides have.
template <typename Type = nvinfer1::DataType>
constexpr auto types() noexcept {
  constexpr std::array<TypeRow, 6> oldest{{{DataType::float32, Type::kFLOAT},
                                           {DataType::float16, Type::kHALF},
                                           {DataType::int8, Type::kINT8},
                                           {DataType::int32, Type::kINT32},
                                           {DataType::boolean, Type::kBOOL},
                                           {DataType::uint8, Type::kUINT8}}};
  if constexpr (requires { Type::kINT64; }) {
    std::array<TypeRow, oldest.size() + 2> all{};
    std::copy(oldest.begin(), oldest.end(), all.begin());
    all[oldest.size()] = {DataType::bfloat16, Type::kBF16};
    all[oldest.size() + 1] = {DataType::int64, Type::kINT64};
    return all;
  } else {
    return oldest;
  }
}

/// Whether a 64-bit integer of the file is one of 32 bits in the engine.
template <typename Type = nvinfer1::DataType>
constexpr bool narrows_int64() noexcept {
  return !requires {
    Type::kINT64;
  };
}

}  // namespace podium::tensorrt::version

#pragma GCC diagnostic pop
