#include "backends/tensorrt/narrow.h"

#include <fmt/format.h>

#include <cstring>
#include <limits>

#include "core/text.h"

namespace podium::tensorrt {

Result<void> narrow(const TensorView& wide, std::vector<std::int32_t>& made) {
  const std::size_t count = element_count(wide.shape);
  made.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t number = 0;
    std::memcpy(&number, wide.data + i * sizeof(number), sizeof(number));
    made[i] = static_cast<std::int32_t>(number);
    if (made[i] == number) continue;
    return fail(ErrorCode::unsupported,
                fmt::format("input '{}' holds {}, and this TensorRT has integers of 32 bits only", printable(wide.name), number));
  }
  return {};
}

}  // namespace podium::tensorrt
