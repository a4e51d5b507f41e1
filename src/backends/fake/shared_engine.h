#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "core/tensor_view.h"
#include "podium/options.h"

namespace podium::fake {

/// What the requests on one loaded model share: places to be served at, and, where it was told to, their answers.
class SharedEngine {
 public:
  explicit SharedEngine(const OptionValues& options);
  /// Waits for a place.
  void begin();
  void end();
  /// Puts another request's answer in the place of this one, where several are in flight and it was told to mix them up.
  void pass_through(const TensorView& answer);

 private:
  std::int64_t places_;  ///< 0: as many as come
  bool mixes_;
  std::mutex mutex_;
  std::condition_variable place_is_free_;
  std::int64_t begun_ = 0;  ///< served or waiting, first come first served
  std::int64_t ended_ = 0;
  std::vector<std::byte> previous_;
};

}  // namespace podium::fake
