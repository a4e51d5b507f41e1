#include "core/error_code.h"

#include "core/name_table.h"

namespace podium {

namespace {

constexpr std::pair<ErrorCode, std::string_view> error_codes[] = {
    {ErrorCode::wrong_use, "wrong_use"},
    {ErrorCode::bad_input, "bad_input"},
    {ErrorCode::unsupported, "unsupported"},
    {ErrorCode::unavailable, "unavailable"},
    {ErrorCode::failed, "failed"},
    {ErrorCode::timeout, "timeout"},
    {ErrorCode::out_of_memory, "out_of_memory"},
    {ErrorCode::io, "io"},
    {ErrorCode::cancelled, "cancelled"},
    {ErrorCode::check_failed, "check_failed"},
};

}  // namespace

std::string_view to_string(ErrorCode code) noexcept {
  return name_in(error_codes, code);
}

std::optional<ErrorCode> parse_error_code(std::string_view name) noexcept {
  return value_in(error_codes, name);
}

}  // namespace podium
