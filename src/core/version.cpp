#include "podium/version.h"

namespace podium {

std::string_view version() noexcept {
  return PODIUM_VERSION;
}

std::string_view build_type() noexcept {
  return PODIUM_BUILD_TYPE;
}

}  // namespace podium
