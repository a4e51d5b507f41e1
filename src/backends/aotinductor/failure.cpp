#include "backends/aotinductor/failure.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <exception>
#include <new>

#include "backends/api/request_check.h"

namespace podium::aotinductor {
namespace {

Error described(ErrorCode code, std::string_view doing, std::string_view what) {
  return {code, fmt::format("PyTorch failed while {}: {}", doing, backend::engine_message(what)), ""};
}

}  // namespace

Error current_failure(ErrorCode code, std::string_view doing) {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return {ErrorCode::out_of_memory, fmt::format("no memory was left while {}", doing), ""};
  } catch (const c10::Error& error) {
    return described(code, doing, error.what_without_backtrace());
  } catch (const std::exception& exception) {
    return described(code, doing, exception.what());
  }
}

}  // namespace podium::aotinductor
