#pragma once

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/result.h"
#include "import/import.h"
#include "podium/cancel.h"

namespace podium::import {

/// Runs podium_torch.export, the part of the import that only PyTorch can do, in a guarded process.
class Exporter {
 public:
  /// ErrorCode::unavailable where there is no interpreter or it has no PyTorch.
  [[nodiscard]] static Result<Exporter> find(const std::vector<std::string>& python, const CancelToken& cancel);

  /// What its results depend on beside the model: its own code and the versions of what it calls.
  [[nodiscard]] const std::vector<std::string>& key_parts() const noexcept { return key_parts_; }

  /// `what` is "describe", "onnx", "quantize" or "aoti"; the files are written to `folder`.
  [[nodiscard]] Result<void> run(const std::string& what, const std::filesystem::path& source, const std::filesystem::path& folder,
                                 const nlohmann::json& request, const CancelToken& cancel, const OnProgress& on_progress) const;

 private:
  explicit Exporter(std::vector<std::string> python) : python_(std::move(python)) {}
  [[nodiscard]] Result<void> call(const std::vector<std::string>& arguments, const std::filesystem::path& folder, const CancelToken& cancel,
                                  const OnProgress& on_progress) const;
  [[nodiscard]] Result<void> read_versions(const CancelToken& cancel);
  std::vector<std::string> python_;
  std::vector<std::string> key_parts_;
};

}  // namespace podium::import
