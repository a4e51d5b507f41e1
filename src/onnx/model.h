#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "podium/types.h"

namespace podium::onnx {

/// Limits against hostile files.
struct ReadLimits {
  std::int64_t file_bytes = std::int64_t{2} << 30;  ///< protobuf's own limit
  int nesting = 64;                                 ///< of graphs inside nodes
  std::int64_t nodes = 1'000'000;
  std::int64_t weight_bytes = 0;  ///< that are brought into memory from external files; 0: as much as there is
};

/// An ONNX model, read and checked: protobuf well formed, a graph, inputs typed, external data inside the model's folder and complete.
class Model {
 public:
  [[nodiscard]] static Result<Model> read(const std::filesystem::path& file, const ReadLimits& limits = {});
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  [[nodiscard]] std::vector<TensorSpec> inputs() const;  ///< without initializers
  [[nodiscard]] std::vector<TensorSpec> outputs() const;
  [[nodiscard]] std::map<std::string, std::int64_t> opsets() const;
  [[nodiscard]] std::map<std::string, std::int64_t> operators() const;  ///< type → count, subgraphs included
  [[nodiscard]] std::map<std::string, std::int64_t> weight_bytes_by_type() const;
  [[nodiscard]] std::int64_t parameters() const;
  [[nodiscard]] std::string producer() const;
  /// Value of a metadata_props entry; nothing where there is none of that key.
  [[nodiscard]] std::optional<std::string> metadata(std::string_view key) const;
  /// Files beside the model that hold its weights, relative to its folder, in order of name.
  [[nodiscard]] std::vector<std::string> data_files() const;
  /// For one input, a multiply-add counted as two; nothing where a shape is not known statically. Conv, MatMul and Gemm only.
  [[nodiscard]] std::optional<std::int64_t> flops() const;

 private:
  struct State;
  explicit Model(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace podium::onnx
