#include "runtime/remote_messages.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error_code.h"
#include "core/json.h"

namespace podium::runtime {
namespace {

using nlohmann::json;

constexpr std::size_t alignment = 64;
/// Longer than any list of tensors; what a socket of this kind takes at once is more.
constexpr std::size_t longest_message = std::size_t{1} << 16;

tl::unexpected<Error> broken(const std::string& what) {
  return fail(ErrorCode::failed, fmt::format("{}: {}", what, std::strerror(errno)));
}

json specs_to_json(std::span<const TensorView> views) {
  json array = json::array();
  for (const TensorView& view : views) array.push_back({{"name", view.name}, {"type", to_string(view.type)}, {"shape", view.shape}});
  return array;
}

tl::unexpected<Error> not_understood() {
  return fail(ErrorCode::failed, "podium-host and the program do not understand each other");
}

/// Both sides are of one build, but a text that is cut off must not be trusted all the same.
Result<std::vector<TensorView>> views_from_json(const json& array) {
  if (!array.is_array()) return not_understood();
  std::vector<TensorView> views;
  for (const json& object : array) {
    if (!object.is_object() || !object.contains("name") || !object.contains("type") || !object.contains("shape")) return not_understood();
    const json& shape = object["shape"];
    if (!object["name"].is_string() || !object["type"].is_string() || !shape.is_array()) return not_understood();
    const auto type = parse_data_type(object["type"].get<std::string>());
    if (!type || std::any_of(shape.begin(), shape.end(), [](const json& size) { return !size.is_number_unsigned(); }))
      return not_understood();
    views.push_back({object["name"].get<std::string>(), *type, shape.get<Shape>(), nullptr});
  }
  return views;
}

/// An answer, or the error that it tells.
Result<json> answer_from_text(const std::string& text) {
  auto object = parse_json(text, "the answer of podium-host");
  if (!object) return tl::unexpected(object.error());
  if (!object->is_object()) return not_understood();
  if (const auto told = object->find("error"); told != object->end() && told->is_object()) {
    const auto code = parse_error_code(told->value("code", std::string()));
    return fail(code.value_or(ErrorCode::failed), told->value("message", std::string()), told->value("remedy", std::string()));
  }
  return object;
}

}  // namespace

SharedRegion::SharedRegion(SharedRegion&& other) noexcept
    : fd_(std::move(other.fd_)), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SharedRegion::~SharedRegion() {
  unmap();
}

void SharedRegion::unmap() noexcept {
  if (data_ != nullptr) ::munmap(data_, size_);
  data_ = nullptr;
  size_ = 0;
}

Result<SharedRegion> SharedRegion::create(const char* name) {
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC));
  if (fd.get() < 0) return broken("no shared memory could be had");
  return SharedRegion(std::move(fd));
}

Result<void> SharedRegion::grow(std::size_t bytes) {
  if (bytes > size_ && ::ftruncate(fd_.get(), static_cast<off_t>(bytes)) != 0) return broken("no shared memory could be had");
  return map(bytes);
}

Result<void> SharedRegion::map(std::size_t bytes) {
  if (bytes <= size_) return {};
  struct stat facts {};
  if (::fstat(fd_.get(), &facts) != 0) return broken("shared memory could not be looked at");
  if (static_cast<std::size_t>(facts.st_size) < bytes) return fail(ErrorCode::failed, "shared memory is smaller than was said");
  unmap();
  void* const mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
  if (mapped == MAP_FAILED) return broken("shared memory could not be mapped");
  data_ = static_cast<std::byte*>(mapped);
  size_ = bytes;
  return {};
}

std::size_t lay_out(std::span<TensorView> views, std::byte* memory) {
  std::size_t offset = 0;
  for (TensorView& view : views) {
    view.data = memory == nullptr ? nullptr : memory + offset;
    offset += (view.bytes() + alignment - 1) / alignment * alignment;
  }
  return offset;
}

std::string specs_to_text(const std::vector<backend::InputSpec>& specs) {
  std::vector<TensorView> views;
  for (const backend::InputSpec& spec : specs) views.push_back({spec.name, spec.type, spec.shape, nullptr});
  return dump_json(specs_to_json(views));
}

Result<std::vector<backend::InputSpec>> specs_from_text(const std::string& text) {
  const auto array = parse_json(text, "the inputs");
  if (!array) return tl::unexpected(array.error());
  const auto views = views_from_json(*array);
  if (!views) return tl::unexpected(views.error());
  std::vector<backend::InputSpec> specs;
  for (const TensorView& view : *views) specs.push_back({view.name, view.type, view.shape});
  return specs;
}

std::string outputs_to_text(std::span<const TensorView> outputs) {
  json object = json::object();
  object["outputs"] = specs_to_json(outputs);
  return dump_json(object);
}

std::string error_to_text(const Error& error) {
  json object = json::object();
  object["error"]["code"] = to_string(error.code);
  object["error"]["message"] = error.message;
  object["error"]["remedy"] = error.remedy;
  return dump_json(object);
}

Result<std::vector<TensorView>> outputs_from_text(const std::string& text) {
  const auto object = answer_from_text(text);
  if (!object) return tl::unexpected(object.error());
  return views_from_json(object->value("outputs", json()));
}

std::string notices_to_text(const std::vector<std::string>& notices) {
  json object = json::object();
  object["notices"] = notices;
  return dump_json(object);
}

Result<std::vector<std::string>> notices_from_text(const std::string& text) {
  const auto object = answer_from_text(text);
  if (!object) return tl::unexpected(object.error());
  std::vector<std::string> notices;
  for (const json& notice : object->value("notices", json::array())) {
    if (!notice.is_string()) return not_understood();
    notices.push_back(notice.get<std::string>());
  }
  return notices;
}

Result<void> send_message(int socket, const std::string& text) {
  if (text.size() > longest_message) return fail(ErrorCode::failed, "a call has more inputs or outputs than podium-host can be told of");
  ssize_t sent = 0;
  do sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? broken("podium-host cannot be reached") : Result<void>{};
}

Result<std::string> receive_message(int socket) {
  std::string text(longest_message, '\0');
  ssize_t received = 0;
  do received = ::recv(socket, text.data(), text.size(), 0);
  while (received < 0 && errno == EINTR);
  if (received < 0 && errno != ECONNRESET) return broken("podium-host cannot be heard");
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(received, 0)));
  return text;
}

}  // namespace podium::runtime
