#pragma once

#include "core/json_fields.h"

/// Structs that stand in several kinds of file with the same keys.
namespace podium::codec {

template <>
struct Fields<Shared, TensorSpec> {
  template <typename V, typename S>
  static void visit(const V& visit, S& tensor) {
    visit("name", tensor.name);
    visit("type", tensor.type);
    visit("shape", tensor.dimensions);
  }
};

template <>
struct Fields<Shared, Ratio> {
  template <typename V, typename S>
  static void visit(const V& visit, S& ratio) {
    visit("value", ratio.value);
    visit("ci95", ratio.ci95);
    visit("launches", ratio.launches);
  }
};

template <>
struct Fields<Shared, OutputError> {
  template <typename V, typename S>
  static void visit(const V& visit, S& error) {
    visit("sqnr_db", error.sqnr_db);
    visit("max_abs", error.max_abs);
    visit("mean_abs", error.mean_abs);
    visit("cosine", error.cosine);
    visit("samples", error.samples);
    visit("verdict", error.verdict);
    visit("reason", error.reason);
  }
};

}  // namespace podium::codec
