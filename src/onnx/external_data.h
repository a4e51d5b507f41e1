#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "onnx-ml.pb.h"

namespace podium::onnx {

/// Checks where tensors say their data lies: regular files inside the model's folder, long enough. A model must not make us read other
/// files.
class ExternalData {
 public:
  explicit ExternalData(const std::filesystem::path& model);
  /// `bytes`: what the tensor needs; negative where that is not known.
  [[nodiscard]] Result<void> check(const ::onnx::TensorProto& tensor, std::int64_t bytes);
  /// Moves the data into the tensor's raw_data. Many tensors may claim the same gigabytes, so all of them together take at most
  /// `most_bytes`. Call it after check().
  [[nodiscard]] Result<void> bring_in(::onnx::TensorProto& tensor, std::int64_t bytes, std::int64_t most_bytes);
  /// The files that were checked, as the model names them.
  [[nodiscard]] std::vector<std::string> locations() const;

 private:
  struct File {
    std::filesystem::path path;
    std::int64_t bytes = 0;
  };
  [[nodiscard]] const Result<File>& file_at(const std::string& location);
  [[nodiscard]] Result<File> find_file(const std::string& location) const;
  /// The folder of the model as named and, where that is a link, of the file behind it: hubs keep both files as links to a store.
  std::vector<std::filesystem::path> folders_;
  std::map<std::string, Result<File>> files_;  // thousands of tensors share a file
  std::int64_t brought_in_ = 0;                // bytes
};

}  // namespace podium::onnx
