#include "backends/openvino/failure.h"

namespace podium::openvino {

Error current_failure(ErrorCode code, std::string_view doing) {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return {ErrorCode::out_of_memory, fmt::format("no memory was left while {}", doing), ""};
  } catch (const std::exception& exception) {
    return {code, fmt::format("OpenVINO failed while {}: {}", doing, backend::engine_message(exception.what())), ""};
  }
}

}  // namespace podium::openvino
