#pragma once

#include <memory>
#include <string>

#include "backends/api/registry.h"
#include "core/result.h"
#include "podium/cancel.h"
#include "podium/doctor.h"

namespace podium::api {

/// A model of two layers whose answer is known, in the format of any backend.
class SelfTestModel {
 public:
  /// Written to a temporary folder, with a cache of its own: compilers are tried, not remembered.
  [[nodiscard]] static Result<SelfTestModel> create(const CancelToken& cancel);
  SelfTestModel(SelfTestModel&&) noexcept;
  ~SelfTestModel();

  /// Has a worker of the backend load the model on the device and answer once.
  [[nodiscard]] SelfTest run(const backend::Registered& backend, const std::string& device, const CancelToken& cancel) const;

 private:
  struct State;
  explicit SelfTestModel(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace podium::api
